/** A piece of SQL that is not blank and not a comment. Literals are left out: nothing in them matters. */
export interface Token {
  kind: 'word' | 'quoted' | 'symbol' | 'literal';
  /** Words in lower case, quoted identifiers without their quotes, symbols one by one. */
  text: string;
  /** UTF-16 units before it. */
  at: number;
}

/** Something that two readers of SQL might read in two ways, or that has no end. */
export class UnclearSql extends Error {
  readonly at: number;

  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }
}

const WORD = /[\p{L}_\u0080-\uffff][\w$\u0080-\uffff]*/uy;

/**
 * The tokens of a statement.
 *
 * @param backslash whether a backslash in a plain literal hides the character behind it, as in PostgreSQL 8.0, which
 *   Redshift comes from; PostgreSQL no longer reads it so
 */
export function tokensOf(sql: string, { backslash }: { backslash: boolean }): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const start = at;
    const character = sql.charAt(at);
    if (character === '\0') throw new UnclearSql('it has a character that ends a text', at);
    if (/\s/.test(character)) at += 1;
    else if (sql.startsWith('--', at)) at = endOfLine(sql, at);
    else if (sql.startsWith('/*', at)) at = endOfComment(sql, at);
    else if (character === "'") {
      at = endOfQuoted(sql, at, backslash || isEscapeString(tokens.at(-1), at));
      tokens.push({ kind: 'literal', text: '', at: start });
    } else if (character === '"') {
      at = endOfQuoted(sql, at, false);
      tokens.push({ kind: 'quoted', text: sql.slice(start + 1, at - 1).replaceAll('""', '"'), at: start });
    } else if (character === '$' && /^\$([\p{L}_][\w]*)?\$/u.test(sql.slice(at, at + 130))) {
      throw new UnclearSql('it has a dollar quote', at);
    } else {
      WORD.lastIndex = at;
      const word = WORD.exec(sql)?.[0];
      const text = word?.toLowerCase() ?? character;
      tokens.push({ kind: word === undefined ? 'symbol' : 'word', text, at });
      at += word?.length ?? 1;
    }
  }
  return tokens;
}

/** `E'…'`: there a backslash counts everywhere. */
const isEscapeString = (before: Token | undefined, at: number): boolean =>
  before?.kind === 'word' && before.text === 'e' && before.at === at - 1;

function endOfLine(sql: string, from: number): number {
  const end = sql.slice(from).search(/[\r\n]/);
  return end < 0 ? sql.length : from + end;
}

function endOfComment(sql: string, from: number): number {
  const end = sql.indexOf('*/', from + 2);
  if (end < 0) throw new UnclearSql('a comment has no end', from);
  if (sql.slice(from + 2, end).includes('/*')) throw new UnclearSql('it has a comment in a comment', from);
  return end + 2;
}

function endOfQuoted(sql: string, from: number, backslash: boolean): number {
  const quote = sql.charAt(from);
  for (let at = from + 1; at < sql.length; at += 1) {
    if (backslash && sql[at] === '\\') at += 1;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  throw new UnclearSql('a quotation mark has no partner', from);
}
