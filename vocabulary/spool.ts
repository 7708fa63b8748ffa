/**
 * The spool: how rows leave a source. One line a row, `\n` at its end; columns parted by a tab; `\N` is NULL;
 * inside a value backslash, tab, newline, carriage return, backspace, form feed and vertical tab are written
 * `\\ \t \n \r \b \f \v`. So a raw newline always ends a row and a raw tab always ends a value: lines can be cut and
 * counted without parsing. It is the text format of PostgreSQL's COPY, which therefore is spooled as it comes.
 * Source: https://www.postgresql.org/docs/current/sql-copy.html, "Text Format".
 *
 * @module
 */

export const SPOOL_NULL = '\\N';

/**
 * A source may cut a longer value, as long as it stays longer than this: its row is too large for Segment (32 KB an
 * event) in any case, and a line of the spool stays bounded.
 */
export const MAX_VALUE_BYTES = 32_768;

/**
 * A longer line may be cut at any character when it is spooled: its row is too large for Segment. The cut line has at
 * most this many bytes and at least three less.
 */
export const MAX_LINE_BYTES = 65_536;

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
};
const unescapes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(escapes).map(([raw, written]) => [written.slice(1), raw]),
);

/** A value as the spool writes it. */
export const escapeSpool = (value: string): string =>
  value.replace(/[\\\t\n\r\b\f\v]/g, (character) => escapes[character] ?? character);

/** The value that the spool wrote; the same string when it holds no backslash. */
export const unescapeSpool = (written: string): string =>
  written.includes('\\')
    ? written.replace(/\\(.)/gs, (_, letter: string) => unescapes[letter] ?? letter)
    : written;

/**
 * Where a read has come to in a result that the service keeps. JSON without secrets, in the words of its source. It goes
 * into the ledger, never into Temporal's history: it may hold the value of a key.
 */
export type Place = Readonly<Record<string, unknown>>;

/** Bytes of the spool, or a place: all lines before it are whole, and a later read can go on behind it. */
export type Piece = Buffer | { place: Place };
