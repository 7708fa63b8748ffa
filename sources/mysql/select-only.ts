import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ResolvedModel } from '../source.ts';
import { narrowed, sqlOrTable } from '../sql-or-table.ts';
import { tokensOf, type Token, type Untokenizable } from './tokens.ts';

/** Functions that reach out of a read-only transaction: files, locks, sequences, the server itself. */
const ESCAPES = new RegExp(
  `^(${[
    'load_file',
    'get_lock|release_lock|release_all_locks|service_get_.*_locks|service_release_locks',
    'nextval|setval',
    'sys_exec|sys_eval|sys_set',
    'audit_.*|keyring_.*|mysql_firewall_.*|set_firewall_.*|version_tokens_.*|masking_dictionar.*',
    'group_replication_.*|asynchronous_connection_failover_.*|master_pos_wait|source_pos_wait',
    'mysql_query_attribute_.*|spider_.*',
  ].join('|')})$`,
);
const BEGINNINGS = ['select', 'with', 'values', 'table'];
/** Reserved words all; in brackets behind them, two are functions too. */
const WRITES = ['delete', 'update', 'insert', 'replace'];
const UNREADABLE: Readonly<Record<Exclude<Untokenizable['untokenizable'], 'unended'>, string>> = {
  version_comment: 'it has a version comment, which is code',
  zero_byte: 'it has a zero byte',
};

/**
 * The SELECT of a model, ready to stand in brackets as a derived table: there the grammar of MySQL and of MariaDB has no
 * place for a write, and what it has a place for all the same (locks, sequences, functions with effects) is refused here.
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
  const broken = (at: number): BackhaulError =>
    new BackhaulError('source_syntax', `model ${model.name}, ${lineAndColumn(sql, at)}`);

  const tokens = tokensOf(sql);
  if ('untokenizable' in tokens) {
    throw tokens.untokenizable === 'unended' ? broken(tokens.at) : refuse(UNREADABLE[tokens.untokenizable]);
  }
  const end = tokens.findIndex(isMark(';'));
  const statement = end < 0 ? tokens : tokens.slice(0, end);
  if (end >= 0 && tokens.slice(end).some((token) => !isMark(';')(token))) {
    throw refuse('there is a second statement');
  }
  const first = statement.find((token) => !isMark('(')(token));
  if (first === undefined) throw refuse('there is no statement');
  if (!BEGINNINGS.includes(first.text)) throw refuse('it is no SELECT');
  checkTokens(statement, refuse);
  checkBrackets(statement, sql.length, broken);
  return end < 0 ? sql : sql.slice(0, tokens[end]?.at);
}

const isMark =
  (text: string) =>
  (token: Token | undefined): boolean =>
    token?.kind === 'mark' && token.text === text;

function checkTokens(tokens: readonly Token[], refuse: (what: string) => BackhaulError): void {
  for (const [position, token] of tokens.entries()) {
    const follows = (...words: string[]): boolean =>
      words.every((word, index) => {
        const next = tokens[position + index];
        return next?.kind === 'word' && next.text === word;
      });
    // Behind a name and a point even a reserved word is the name of a column; `1.` is a number.
    const isColumn = isMark('.')(tokens[position - 1]) && !/^\d+$/.test(tokens[position - 2]?.text ?? '');
    if (token.kind === 'word' && !isColumn) {
      if (follows('into')) throw refuse('it has an INTO');
      if (follows('for', 'update') || follows('for', 'share') || follows('lock', 'in')) {
        throw refuse('it locks rows');
      }
      if (WRITES.includes(token.text) && !isMark('(')(tokens[position + 1])) throw refuse('it writes');
      if (follows('next', 'value', 'for')) throw refuse('it takes a value of a sequence');
    }
    const named = token.kind === 'word' || token.kind === 'name';
    if (named && isMark('(')(tokens[position + 1]) && ESCAPES.test(token.text)) {
      throw refuse(`the function ${token.text} is not allowed`);
    }
  }
}

/** None may close the bracket that Backhaul opens around the model. */
function checkBrackets(tokens: readonly Token[], end: number, broken: (at: number) => BackhaulError): void {
  let depth = 0;
  for (const token of tokens) {
    if (isMark('(')(token)) depth += 1;
    if (isMark(')')(token)) depth -= 1;
    if (depth < 0) throw broken(token.at);
  }
  if (depth > 0) throw broken(end);
}

/** @param offset UTF-16 units before the place */
export function lineAndColumn(sql: string, offset: number): string {
  const lines = sql.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${[...(lines.at(-1) ?? '')].length + 1}`;
}

export const quoteIdentifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
