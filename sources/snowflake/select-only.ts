import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ResolvedModel } from '../source.ts';
import { narrowed, sqlOrTable } from '../sql-or-table.ts';

/** Functions of Snowflake's own that only look. All others of that prefix may act on queries, sessions, tasks or accounts. */
const HARMLESS_SYSTEM_FUNCTIONS = new Set(['SYSTEM$TYPEOF', 'SYSTEM$WAIT']);
/** What the text consists of, as far as it matters here; a quote or comment that does not end goes to the end. */
const TOKEN =
  /--[^\n]*|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|\$\$[^]*?(?:\$\$|$)|'(?:[^'\\]|''|\\[^])*(?:'|$)|"(?:[^"]|"")*(?:"|$)|[\p{L}_][\p{L}\p{N}_$]*|->>|[^\s]/gu;

/**
 * The SELECT of a model, to be put in parentheses. There Snowflake takes nothing but a query: no DML, DDL, CALL, COPY or SHOW. What
 * is refused here is what could leave the parentheses, and the functions of a SELECT that act.
 *
 * @throws BackhaulError not_a_select
 */
export function selectOf(model: ResolvedModel): string {
  const { where, ...whole } = model;
  if (where !== undefined) return selectOf(narrowed(model.name, selectOf(whole), where));
  const content = sqlOrTable(model);
  if ('table' in content) return `select * from ${tableName(model.name, content.table)}`;
  const refuse = (why: string): never => {
    throw new BackhaulError('not_a_select', `model ${model.name}: ${why}`);
  };
  const all = [...content.sql.matchAll(TOKEN)];
  if (all.some(([token]) => /^(--|\/\/)[^]*\r(?!$)/.test(token)))
    return refuse('a comment holds a carriage return');
  const tokens = all.filter(([token]) => !/^(--|\/\/|\/\*)/.test(token));
  while (tokens.at(-1)?.[0] === ';') tokens.pop();
  const last = tokens.at(-1);
  if (last === undefined) return refuse('there is no statement');
  const first = tokens.find(([token]) => token !== '(')?.[0].toUpperCase();
  if (first !== 'SELECT' && first !== 'WITH') return refuse('it is no SELECT');
  let depth = 0;
  for (const [position, [token]] of tokens.entries()) {
    if (token === ';' || token === '->>') return refuse('there is a second statement');
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth < 0) return refuse('a parenthesis is closed that was not opened');
    const name = token.replaceAll('"', '').toUpperCase();
    if (name.startsWith('SYSTEM$') && !HARMLESS_SYSTEM_FUNCTIONS.has(name)) {
      return refuse(`the function ${name} is not allowed`);
    }
    if (name === 'PROCEDURE' && tokens[position + 1]?.[0] === '(') return refuse('it defines a procedure');
    // IDENTIFIER('…') would call a function by a text that is not read here.
    if (name === 'IDENTIFIER' && tokens[position + 1]?.[0] === '(')
      return refuse('IDENTIFIER(…) hides what it names');
    const advances = name === 'NEXTVAL' && tokens[position - 1]?.[0] === '.';
    if (advances || name === 'GETNEXTVAL') return refuse('it advances a sequence');
  }
  return content.sql.slice(0, last.index + last[0].length);
}

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Up to three names with points between, each plain or in double quotes; nothing else reaches the statement. */
function tableName(model: string, table: string): string {
  const name = '(?:[\\p{L}_][\\p{L}\\p{N}_$]*|"(?:[^"]|"")+")';
  if (new RegExp(`^${name}(?:\\.${name}){0,2}$`, 'u').test(table)) return table;
  throw new BackhaulError('source_table_missing', `model ${model}: "${table}" is no name of a table`);
}
