import type { Finish } from './value-bytes.ts';

export interface SpoolBytes {
  /** A row as the protocol of MySQL carries it: a value's text as bytes of UTF-8, or NULL. */
  add(row: readonly (Buffer | null)[]): void;
  /** How many bytes there are. */
  size(): number;
  /** The lines so far; the next ones begin a new piece. */
  take(): Buffer;
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const FIRST_ESCAPED = 0x08;
const LAST_ESCAPED = 0x0d;
/** What stands behind the backslash for 0x08 to 0x0d: backspace, tab, newline, vertical tab, form feed, return. */
const LETTERS = Buffer.from('btnvfr');
const LETTER_N = 0x4e;

/**
 * Writes rows as lines of the spool without making strings of their values: all that it escapes is ASCII, which UTF-8 has
 * nowhere inside of a character.
 *
 * @param finishes for each column, what is done with the bytes of a value first
 * @param pieceBytes about as large as a piece becomes
 */
export function spoolBytes(finishes: readonly (Finish | null)[], pieceBytes: number): SpoolBytes {
  let bytes = Buffer.allocUnsafe(pieceBytes);
  let end = 0;
  const reserve = (more: number): void => {
    if (end + more <= bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * bytes.length, end + more));
    bytes.copy(larger, 0, 0, end);
    bytes = larger;
  };
  const writeValue = (value: Buffer): void => {
    const { length } = value;
    for (let position = 0; position < length; position += 1) {
      const byte = value[position] ?? 0;
      if (byte === BACKSLASH) {
        bytes[end++] = BACKSLASH;
        bytes[end++] = BACKSLASH;
      } else if (byte <= LAST_ESCAPED && byte >= FIRST_ESCAPED) {
        bytes[end++] = BACKSLASH;
        bytes[end++] = LETTERS[byte - FIRST_ESCAPED] ?? 0;
      } else bytes[end++] = byte;
    }
  };
  return {
    add(row) {
      for (let position = 0; position < row.length; position += 1) {
        const value = row[position] ?? null;
        const finished = value === null ? null : (finishes[position]?.(value) ?? value);
        reserve(2 * (finished?.length ?? 1) + 2);
        if (position > 0) bytes[end++] = TAB;
        if (finished === null) {
          bytes[end++] = BACKSLASH;
          bytes[end++] = LETTER_N;
        } else writeValue(finished);
      }
      bytes[end++] = NEWLINE;
    },
    size: () => end,
    take() {
      const piece = bytes.subarray(0, end);
      bytes = Buffer.allocUnsafe(pieceBytes);
      end = 0;
      return piece;
    },
  };
}
