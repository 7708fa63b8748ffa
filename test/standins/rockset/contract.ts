import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

type Schema = Record<string, unknown>;

/** Rockset's published OpenAPI: what its client sends and gets. */
const published = JSON.parse(
  readFileSync(new URL('openapi-queries.json', import.meta.url), 'utf8'),
) as Schema;

/** The same, with no field beyond those it names; documents are what they are. */
function strict(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Schema;
  if (schema.type === 'object' && schema.properties !== undefined) schema.additionalProperties ??= false;
  for (const [name, inner] of Object.entries(schema)) {
    if (name === 'results' && typeof inner === 'object' && inner !== null) (inner as Schema).items = {};
    else strict(inner);
  }
}

strict(published);
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'rockset', components: published.components });

/** The body, which fits the schema of that name; throws when it does not. */
export function checked<T>(schema: string, body: T): T {
  const validate = ajv.getSchema(`rockset#/components/schemas/${schema}`);
  if (validate === undefined) throw new Error(`Rockset's OpenAPI has no ${schema}`);
  if (validate(body) !== true) throw new Error(`no ${schema}: ${ajv.errorsText(validate.errors)}`);
  return body;
}
