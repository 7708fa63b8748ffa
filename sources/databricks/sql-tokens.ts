/** A word in capitals, a quoted name, a text, or a single sign. */
export interface SqlToken {
  text: string;
  /** Characters before it. */
  start: number;
  /** Brackets around it; those of a pair have the depth outside of them. */
  depth: number;
}

/**
 * White space and comments, texts (`r'…'` without escapes), quoted names, words, any other sign, as Spark's SqlBaseLexer.g4 has
 * them: a comment in a line ends with a carriage return too, and goes on behind a backslash and a line feed; one in brackets
 * may hold others; a hint, which opens with `/*+`, is no comment, and opens none in one. Where this took for a comment what
 * Spark runs, a model could hide a call.
 */
const TOKEN =
  /\s+|--(?:\\\n|[^\r\n])*|(\/\*(?!\+))|\/\*\+|\*\/|[rR](?:'[^']*(?:'|$)|"[^"]*(?:"|$))|'(?:[^'\\]|\\[^])*(?:'|$)|"(?:[^"\\]|\\[^])*(?:"|$)|`(?:[^`]|``)*(?:`|$)|[\p{L}\p{N}_]+|[^]/uy;

/** The tokens of a SQL text, without white space and comments. Never fails: what does not end, ends with the text. */
export function tokensOf(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let depth = 0;
  let start = 0;
  while (start < sql.length) {
    TOKEN.lastIndex = start;
    const [text = '', comment] = TOKEN.exec(sql) ?? [];
    if (comment !== undefined) {
      start = endOfComment(sql, start);
      continue;
    }
    if (text === ')') depth -= 1;
    if (!/^(\s|--)/.test(text)) tokens.push({ text: isWord(text) ? text.toUpperCase() : text, start, depth });
    if (text === '(') depth += 1;
    start += Math.max(1, text.length);
  }
  return tokens;
}

const isWord = (text: string): boolean => /^[\p{L}\p{N}_]+$/u.test(text);

function endOfComment(sql: string, start: number): number {
  const mark = /\/\*(?!\+)|\*\//g;
  mark.lastIndex = start;
  let open = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    open += found[0] === '/*' ? 1 : -1;
    if (open === 0) return mark.lastIndex;
  }
  return sql.length;
}
