/** A double as canonical text, however it was written. −0 is 0. */
export function floatText(value: number): string {
  return String(value);
}

/** Without the zeros at the end of a fraction: BigQuery's API leaves them out, Arrow has them all. */
export function decimalText(text: string): string {
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.endsWith('0', end)) end -= 1;
  if (text.endsWith('.', end)) end -= 1;
  return text.slice(0, end);
}

/** What the canonical text of a value becomes inside of JSON; NaN and infinities have no number there. */
export function jsonOf(type: string, text: string): string {
  switch (type) {
    case 'INT64':
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return text;
    case 'FLOAT64':
      return /^-?\d/.test(text) ? text : `"${text}"`;
    case 'BOOL':
      return text === 't' ? 'true' : 'false';
    case 'TIMESTAMP':
      return `"${text.slice(0, 10)}T${text.slice(11, -3)}Z"`;
    case 'DATETIME':
      return `"${text.replace(' ', 'T')}"`;
    case 'JSON':
    case 'STRUCT':
    case 'RANGE':
      return text;
    default:
      return JSON.stringify(text);
  }
}

/** Texts of JSON as an object with these names, which may be there twice. */
export const objectOf = (names: readonly string[], texts: readonly string[]): string =>
  `{${texts.map((text, position) => `${names[position] ?? ''}:${text}`).join(',')}}`;
