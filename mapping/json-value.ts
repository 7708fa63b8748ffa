import { doubleKeeps } from '../vocabulary/decimal-text.ts';

/** Up to 15 digits without an exponent survive a double (IEEE 754); anything longer is looked at. */
const maybeLossy = /\d[\d.]{15}|\d[eE]/;
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
/** Between and around the tokens only: inside a string JSON must escape them. */
const lineBreaks = /[\t\n\r]/g;

/**
 * A JSON value as it goes into a message: the same text without line breaks (a message is one line at rest), and each
 * number that a double would change as a string of the same digits. Null when it is no JSON.
 *
 * The tokens are replaced in the text, not in a parsed value: so neither the order of keys, nor repeated keys, nor
 * `__proto__`, nor deep nesting is touched.
 */
export function jsonValue(text: string): string | null {
  if (!isJson(text)) return null;
  const line = text.replace(lineBreaks, '').trim();
  if (!maybeLossy.test(line)) return line;
  return line.replace(stringOrNumber, (token) =>
    token.startsWith('"') || doubleKeeps(token) ? token : `"${token}"`,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
