import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { pythonPackages } from '../python.ts';
import { runProgram } from '../run-program.ts';
import { ApiFailure } from './api-failure.ts';
import type { FieldMask } from './field-mask.ts';

/** What Google publishes of an API: https://developers.google.com/discovery/v1/reference/apis */
interface DiscoveryDocument {
  schemas: Record<string, DiscoverySchema>;
  parameters: Record<string, unknown>;
}
interface DiscoverySchema {
  $ref?: string;
  type?: string;
  enum?: string[];
  items?: DiscoverySchema;
  properties?: Record<string, DiscoverySchema>;
  additionalProperties?: DiscoverySchema;
}

/** Holds answers against Google's own description of them. */
export interface Discovery {
  /** Throws when the body breaks the schema, be it by a field too many. */
  check(schema: string, body: unknown): void;
  /** Answers as Google when a mask names a field that the schema does not have. */
  checkMask(schema: string, mask: FieldMask): void;
}

const PACKAGES = ['google-api-python-client==2.202.0', 'google-auth==2.43.0'];

/** Google's Python client, which carries the discovery documents. */
export const pythonClient = (): Promise<string> =>
  pythonPackages('google-python-client', ['3.13', '3.12', '3.11', '3'], PACKAGES);

/** @param api `sheets.v4`, `drive.v3` */
export async function discovery(api: string): Promise<Discovery> {
  const bin = await pythonClient();
  const said = await runProgram(join(bin, 'python'), [
    '-c',
    'import googleapiclient; print(googleapiclient.__path__[0])',
  ]);
  const file = join(said.trim(), 'discovery_cache', 'documents', `${api}.json`);
  const { schemas } = JSON.parse(await readFile(file, 'utf8')) as DiscoveryDocument;
  const definitions = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, closed(schema)]),
  );
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: api, definitions });
  return {
    check(schema, body) {
      const validate = ajv.getSchema(`${api}#/definitions/${schema}`);
      if (validate === undefined) throw new Error(`${api} has no schema ${schema}`);
      if (validate(body) !== true) {
        throw new Error(`the stand-in broke ${schema} of ${api}: ${ajv.errorsText(validate.errors)}`);
      }
    },
    checkMask(schema, mask) {
      checkFields(schemas, schemas[schema] ?? {}, mask, '');
    },
  };
}

/** As JSON Schema that refuses what it does not know. */
function closed(schema: DiscoverySchema): object {
  if (schema.$ref !== undefined) return { $ref: `#/definitions/${schema.$ref}` };
  const { additionalProperties, items, properties, type } = schema;
  return {
    ...(type === undefined || type === 'any' ? {} : { type }),
    ...(schema.enum === undefined ? {} : { enum: schema.enum }),
    ...(items === undefined ? {} : { items: closed(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: closed(additionalProperties) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, closed(of)])),
          additionalProperties: false,
        }),
  };
}

function checkFields(
  schemas: Record<string, DiscoverySchema>,
  schema: DiscoverySchema,
  mask: FieldMask,
  path: string,
): void {
  const items = schema.items ?? schema;
  const { properties = {} } = items.$ref === undefined ? items : (schemas[items.$ref] ?? {});
  for (const [field, below] of mask) {
    const at = path === '' ? field : `${path}.${field}`;
    const of = properties[field];
    if (of === undefined) {
      const message = `Request contains an invalid argument. Cannot find matching fields for path '${at}'.`;
      throw new ApiFailure(400, 'INVALID_ARGUMENT', message);
    }
    checkFields(schemas, of, below, at);
  }
}
