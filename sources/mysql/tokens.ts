/** A piece of SQL that is neither space nor comment. */
export interface Token {
  /** `word`: a keyword, a bare name or a number; `name`: one in backticks; `string`: in quotes; `mark`: any other character. */
  kind: 'word' | 'name' | 'string' | 'mark';
  /** Words in small letters, names without their backticks. */
  text: string;
  /** Its first character's position in the SQL. */
  at: number;
}

/** SQL that cannot be cut into tokens. */
export interface Untokenizable {
  untokenizable: 'version_comment' | 'zero_byte' | 'unended';
  at: number;
}

/** Of ASCII only: to a server a space of Unicode is a letter. */
const SPACE = /[\t-\r ]+/y;
const COMMENT_TO_LINE_END = /(?:#|--(?=[\0-\x20\x7f]|$))[^\n]*/y;
/** What MySQL, or MariaDB, takes for code. */
const VERSION_COMMENT = /\/\*M?!/y;
const COMMENT = /\/\*[^]*?\*\//y;
const STRING = /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"/y;
const NAME = /`((?:[^`]|``)*)`/y;
const WORD = /[\p{L}\p{N}_$\u0080-\uffff]+/uy;

/**
 * Cuts SQL as a server does whose sql_mode has neither ANSI_QUOTES nor NO_BACKSLASH_ESCAPES.
 * Source: https://dev.mysql.com/doc/refman/8.4/en/comments.html, string-literals.html
 */
export function tokensOf(sql: string): Token[] | Untokenizable {
  const tokens: Token[] = [];
  let at = 0;
  const taken = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(sql);
  };
  while (at < sql.length) {
    if (sql[at] === '\0') return { untokenizable: 'zero_byte', at };
    if (taken(VERSION_COMMENT) !== null) return { untokenizable: 'version_comment', at };
    const skipped = taken(SPACE) ?? taken(COMMENT_TO_LINE_END) ?? taken(COMMENT);
    if (skipped !== null) {
      at += skipped[0].length;
      continue;
    }
    if (sql.startsWith('/*', at)) return { untokenizable: 'unended', at };
    const [token, length] = tokenAt(at, sql, taken);
    if (token === null) return { untokenizable: 'unended', at };
    tokens.push(token);
    at += length;
  }
  return tokens;
}

function tokenAt(
  at: number,
  sql: string,
  taken: (pattern: RegExp) => RegExpExecArray | null,
): [Token | null, number] {
  const first = sql.charAt(at);
  if (first === "'" || first === '"') {
    const string = taken(STRING);
    return string === null ? [null, 0] : [{ kind: 'string', text: string[0], at }, string[0].length];
  }
  if (first === '`') {
    const name = taken(NAME);
    if (name === null) return [null, 0];
    return [{ kind: 'name', text: (name[1] ?? '').replaceAll('``', '`').toLowerCase(), at }, name[0].length];
  }
  const word = taken(WORD);
  if (word !== null) return [{ kind: 'word', text: word[0].toLowerCase(), at }, word[0].length];
  return [{ kind: 'mark', text: first, at }, 1];
}
