const NEWLINE = 0x0a;
const TAB = 0x09;

/**
 * The fields of the first line of which one has this value; null: there is none. Nothing but the places where the value stands is
 * looked at, since the text may be megabytes.
 *
 * @param field its place in the line, from 1 on: something stands before it
 */
export function findLine(text: Buffer, field: number, value: string): string[] | null {
  const wanted = Buffer.from(`\t${value}`);
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const after = text[at + wanted.length];
    if (after !== undefined && after !== TAB && after !== NEWLINE) continue;
    const start = text.lastIndexOf(NEWLINE, at) + 1;
    const end = text.indexOf(NEWLINE, at);
    const fields = text.toString('utf8', start, end < 0 ? text.length : end).split('\t');
    if (fields[field] === value) return fields;
  }
  return null;
}
