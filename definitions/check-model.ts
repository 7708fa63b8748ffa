import { checkSchema, has, isFields, textsIn, type Checked, type Fields } from './checked.ts';
import type { Path } from './fault.ts';
import type { Finding } from './issues.ts';
import { modelContents, writtenModelSchema, type ModelDefinition, type WrittenModel } from './model.ts';
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
  // With a field of a warehouse that is not available yet, that is the fault, not the missing SQL.
  const elsewhere = ['index', 'query', 'sheet', 'range'].some((field) => has(fields, field));
  const given = modelContents.filter((content) => has(fields, content));
  if (given.length === 0) {
    if (elsewhere) return [];
    const message = `${title} does not say what it reads`;
    return [{ path: ['sql'], at: 'key', absence: true, message, fix: 'Add one of sql, sqlFile, table.' }];
  }
  return given.slice(1).map((content) => ({
    path: [content],
    at: 'key',
    message: `"${content}" is given beside "${given[0]}"`,
    fix: 'Write one of sql, sqlFile, table.',
  }));
}

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

function withSql(
  { connection, sql, sqlFile, table }: WrittenModel,
  readSql: (path: string) => string,
): { definition: ModelDefinition | null; finding: Finding | null } {
  if (table !== undefined) return { definition: { connection, table }, finding: null };
  if (sql !== undefined) return { definition: { connection, sql }, finding: null };
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
