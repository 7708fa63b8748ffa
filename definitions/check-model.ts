import { checkSchema, has, isFields, textsIn, type Checked, type Fields } from './checked.ts';
import type { Path } from './fault.ts';
import type { Finding } from './issues.ts';
import { missingField } from './missing-field.ts';
import {
  modelContentFields,
  modelContents,
  writtenModelSchema,
  type ModelContentField,
  type ModelDefinition,
  type WrittenModel,
} from './model.ts';
import { looksLikeReference } from './reference-syntax.ts';
import { systemCode } from './system-code.ts';

/** @param readSql reads a file that is named relative to the definition file; throws when it cannot */
export function checkModel(
  name: string,
  value: unknown,
  readSql: (path: string) => string,
): Checked<ModelDefinition> {
  const title = `the model "${name}"`;
  const { data, findings } = checkSchema({ schema: writtenModelSchema, title, value, quoteValues: true });
  if (isFields(value)) findings.push(...contentFindings(value, title), ...misplacedReferences(value));
  if (data === null || findings.length > 0) return { definition: null, findings, warnings: [] };
  const { definition, finding } = withSql(data, readSql);
  return { definition, findings: finding === null ? [] : [finding], warnings: [] };
}

function contentFindings(fields: Fields, title: string): Finding[] {
  const inWords = `one of ${modelContentFields.join(', ')}`;
  const [content, ...others] = modelContentFields.filter((field) => has(fields, field));
  if (content === undefined) {
    const owner = modelContentFields.find((field) => companions(field).some((name) => has(fields, name)));
    if (owner !== undefined) return [missingField(owner, `Add ${owner}.`, title)];
    const message = `${title} does not say what it reads`;
    return [{ path: ['sql'], at: 'key', absence: true, message, fix: `Add ${inWords}.` }];
  }
  const foreign = modelContentFields
    .filter((field) => field !== content)
    .flatMap(companions)
    .filter((field) => has(fields, field));
  return [...others, ...foreign].map((field) => ({
    path: [field],
    at: 'key',
    message: `"${field}" is given beside "${content}"`,
    fix: others.includes(field as ModelContentField) ? `Write ${inWords}.` : 'Remove it.',
  }));
}

const companions = (content: ModelContentField): readonly string[] => modelContents[content];

export const misplacedReferences = (fields: Fields): Finding[] =>
  [...textsIn(fields)]
    .filter(({ text }) => looksLikeReference(text))
    .map(({ path }) => misplacedReference(path));

const misplacedReference = (path: Path): Finding => ({
  path,
  at: 'value',
  message: `"${path.join('.')}" holds a \${…} reference, and only fields of connections may`,
  fix: 'Write the value itself.',
});

/** The ledger keeps JSON, which has no undefined: what is compared with it has none either. */
const withoutAbsent = <Definition extends object>(definition: Definition): Definition =>
  Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined)) as Definition;

function withSql(
  { connection, sql, sqlFile, table, index, spreadsheet, ...rest }: WrittenModel,
  readSql: (path: string) => string,
): { definition: ModelDefinition | null; finding: Finding | null } {
  if (table !== undefined) return { definition: { connection, table }, finding: null };
  if (sql !== undefined) return { definition: { connection, sql }, finding: null };
  const { query, fields, key, sheet, range } = rest;
  if (index !== undefined) {
    return { definition: withoutAbsent({ connection, index, query, fields, key }), finding: null };
  }
  if (spreadsheet !== undefined) {
    return { definition: withoutAbsent({ connection, spreadsheet, sheet, range }), finding: null };
  }
  const at = { path: ['sqlFile'], at: 'value' } as const;
  const file = sqlFile ?? '';
  try {
    const text = readSql(file);
    if (looksLikeReference(text)) return { definition: null, finding: misplacedReference(['sqlFile']) };
    if (/\S/.test(text)) return { definition: { connection, sql: text }, finding: null };
    return {
      definition: null,
      finding: { ...at, message: `the file "${file}" is empty`, fix: 'Write one SELECT into it.' },
    };
  } catch (error) {
    const message = `the file "${file}" cannot be read (${systemCode(error) ?? 'no reason given'})`;
    return {
      definition: null,
      finding: { ...at, message, fix: 'Name a file, seen from the folder of this one.' },
    };
  }
}
