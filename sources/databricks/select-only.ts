import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ResolvedModel } from '../source.ts';
import { narrowed, sqlOrTable } from '../sql-or-table.ts';
import { quoteIdentifier } from './columns.ts';
import { tokensOf, type SqlToken } from './sql-tokens.ts';

const QUERIES = ['SELECT', 'VALUES', 'TABLE', 'FROM', '('];
/**
 * Functions that reach out of the warehouse or into its JVM: what they do there no grant on a table limits. An endpoint that
 * `ai_query` asks may be an agent with tools, and `remote_query` speaks the language of another database.
 */
const ESCAPES = ['AI_QUERY', 'HTTP_REQUEST', 'JAVA_METHOD', 'REFLECT', 'REMOTE_QUERY', 'TRY_REFLECT'];

/**
 * The SELECT of a model, ready to stand in brackets. There the grammar of Databricks takes a query and nothing else, so all
 * that is left to do is to see that nothing leaves the brackets, and to say early what would be a syntax error there.
 */
export function selectOf(model: ResolvedModel): string {
  const { where, ...whole } = model;
  if (where !== undefined) return selectOf(narrowed(model.name, selectOf(whole), where));
  const content = sqlOrTable(model);
  if ('table' in content) {
    return `select * from ${content.table.split('.').map(quoteIdentifier).join('.')}`;
  }
  const { sql } = content;
  const refuse = (what: string): BackhaulError =>
    new BackhaulError('not_a_select', `model ${model.name}: ${what}`);
  const tokens = tokensOf(sql);
  const semicolon = tokens.findIndex(({ text }) => text === ';');
  const statement = semicolon < 0 ? tokens : tokens.slice(0, semicolon);
  if (statement.length === 0) throw refuse('there is no statement');
  if (semicolon >= 0 && tokens.slice(semicolon).some(({ text }) => text !== ';')) {
    throw refuse('there is a second statement');
  }
  const main = mainToken(statement);
  if (main === undefined || !QUERIES.includes(main.text)) throw refuse('it is no SELECT');
  if (main.text === 'FROM' && statement.some(({ text, depth }) => text === 'INSERT' && depth === 0)) {
    throw refuse('it writes');
  }
  if (statement.some(({ depth }) => depth < 0)) throw refuse('it closes a bracket that it did not open');
  const escape = escapeIn(statement);
  if (escape !== null) throw refuse(escape);
  return semicolon < 0 ? sql : sql.slice(0, tokens[semicolon]?.start);
}

/** What leads out of the warehouse, in words. */
function escapeIn(tokens: readonly SqlToken[]): string | null {
  for (const [position, { depth, text }] of tokens.entries()) {
    const next = tokens[position + 1]?.text ?? '';
    if (next === '(' && ESCAPES.includes(unquoted(text))) {
      return `the function ${unquoted(text).toLowerCase()} is not allowed`;
    }
    // SELECT TRANSFORM (…) USING 'program'
    if (text === 'USING' && /^r?['"]/i.test(next)) return 'it runs a program';
    if (text !== 'IDENTIFIER' || next !== '(') continue;
    const closed = tokens.findIndex((one, at) => at > position && one.text === ')' && one.depth === depth);
    if (tokens[closed + 1]?.text === '(') return 'it calls a function by a name that is computed';
  }
  return null;
}

const unquoted = (text: string): string => text.replace(/^[`"]|[`"]$/g, '').toUpperCase();

/** The word that says what a statement does: the first, or behind WITH the one after its last common table expression. */
function mainToken(tokens: readonly SqlToken[]): SqlToken | undefined {
  if (tokens[0]?.text !== 'WITH') return tokens[0];
  let at = 1;
  for (;;) {
    while (at < tokens.length && !(tokens[at]?.text === 'AS' && tokens[at]?.depth === 0)) at += 1;
    const opened = tokens.findIndex((token, index) => index > at && token.text === '(' && token.depth === 0);
    if (opened < 0) return undefined;
    const closed = tokens.findIndex(
      (token, index) => index > opened && token.text === ')' && token.depth === 0,
    );
    if (closed < 0) return undefined;
    at = closed + 1;
    if (tokens[at]?.text !== ',') return tokens[at];
  }
}
