import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { escapes } from '../postgres/escapes.ts';
import { lineAndColumn, quoteIdentifier, selectOf } from '../postgres/select-only.ts';
import type { ResolvedModel } from '../source.ts';
import { narrowed, sqlOrTable } from '../sql-or-table.ts';
import { tokensOf, UnclearSql, type Token } from './lexer.ts';

const WRITES = new Set([
  ...['insert', 'update', 'delete', 'merge', 'truncate', 'create', 'alter', 'drop', 'grant', 'revoke'],
  ...['copy', 'unload', 'call', 'execute', 'set', 'reset', 'begin', 'commit', 'rollback', 'vacuum', 'lock'],
]);

/**
 * The SELECT of a model, ready to stand in brackets. Two readers must find one SELECT that changes nothing: our own, with
 * and without backslashes that hide a quotation mark, and PostgreSQL's parser where it knows the grammar. What only Redshift
 * knows (QUALIFY, PIVOT, paths into SUPER) rests on our own.
 */
export async function oneSelectOf(model: ResolvedModel): Promise<string> {
  const { where, ...whole } = model;
  if (where !== undefined) return oneSelectOf(narrowed(model.name, await oneSelectOf(whole), where));
  const content = sqlOrTable(model);
  if ('table' in content) {
    return `select * from ${content.table.split('.').map(quoteIdentifier).join('.')}`;
  }
  const { sql } = content;
  const [one, other] = [true, false].map((backslash) => ownReading(model.name, sql, backslash));
  // Whatever kind of literal each is, it then ends at the same place: so a third reading, which has some kinds with and others
  // without, finds the same.
  if (JSON.stringify(one?.tokens) !== JSON.stringify(other?.tokens)) {
    throw refusal(model.name, 'a backslash stands before a quotation mark');
  }
  try {
    await selectOf(model);
  } catch (error) {
    if (!(error instanceof BackhaulError) || error.code !== 'source_syntax') throw error;
  }
  return one?.bare ?? '';
}

const refusal = (model: string, what: string): BackhaulError =>
  new BackhaulError('not_a_select', `model ${model}: ${what}`);

function ownReading(model: string, sql: string, backslash: boolean): { tokens: Token[]; bare: string } {
  let tokens: Token[];
  try {
    tokens = tokensOf(sql, { backslash });
  } catch (error) {
    if (!(error instanceof UnclearSql)) throw error;
    throw refusal(model, `${error.message}, ${placeIn(sql, error.at)}`);
  }
  const end = tokens.findIndex(isSymbol(';'));
  const why = refusedFor(tokens, end);
  if (why !== null) throw refusal(model, why);
  const stray = strayBracket(tokens);
  if (stray !== null) throw new BackhaulError('source_syntax', `model ${model}, ${placeIn(sql, stray)}`);
  const semicolon = tokens[end]?.at;
  const bare = semicolon === undefined ? sql : `${sql.slice(0, semicolon)} ${sql.slice(semicolon + 1)}`;
  return { tokens, bare };
}

const placeIn = (sql: string, at: number): string => lineAndColumn(sql, [...sql.slice(0, at)].length);

const isSymbol =
  (text: string) =>
  (token: Token | undefined): boolean =>
    token?.kind === 'symbol' && token.text === text;
const opens = isSymbol('(');
const closes = isSymbol(')');

function refusedFor(tokens: readonly Token[], end: number): string | null {
  const [first] = tokens.filter((token) => !opens(token));
  if (first === undefined || end === 0) return 'there is no statement';
  if (end >= 0 && end < tokens.length - 1) return 'there is a second statement';
  if (first.kind !== 'word' || !['select', 'with'].includes(first.text)) return 'it is no SELECT';
  for (const [position, token] of tokens.entries()) {
    if (token.kind !== 'word' && token.kind !== 'quoted') continue;
    const next = tokens[position + 1];
    if (opens(next) && escapes(token.text.toLowerCase())) {
      return `the function ${token.text} is not allowed`;
    }
    if (token.kind === 'quoted') continue;
    if (token.text === 'into') return 'it has an INTO';
    if (token.text === 'for' && ['update', 'share', 'no', 'key'].includes(next?.text ?? '')) {
      return 'it locks rows';
    }
    // A statement can begin behind a bracket only: in a WITH, or at its end.
    const before = tokens[position - 1];
    const begins = (opens(before) || closes(before)) && (next?.kind === 'word' || next?.kind === 'quoted');
    if (begins && WRITES.has(token.text)) return 'it writes';
  }
  return null;
}

/** Where a bracket closes what none opened, or opens what none closes. */
function strayBracket(tokens: readonly Token[]): number | null {
  const open: number[] = [];
  for (const token of tokens) {
    if (opens(token)) open.push(token.at);
    else if (closes(token) && open.pop() === undefined) return token.at;
  }
  return open.at(-1) ?? null;
}
