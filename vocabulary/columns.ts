/**
 * What a column's values are, whatever the warehouse calls them. Each kind has one canonical text, which the
 * source writes, the fingerprint hashes and the mapping turns into JSON:
 *
 * | kind | canonical text |
 * |---|---|
 * | text | the characters |
 * | integer | decimal digits, `-` in front |
 * | decimal | digits and at most one point, or `NaN`, `Infinity`, `-Infinity` |
 * | float | the shortest digits that round-trip (exponent allowed), or `NaN`, `Infinity`, `-Infinity` |
 * | boolean | `t` or `f` |
 * | timestamp | `YYYY-MM-DD HH:MM:SS[.ffffff][+00]`, UTC |
 * | date | `YYYY-MM-DD` |
 * | json | JSON text |
 * | binary | base64 without line breaks |
 */
export const columnKinds = [
  'text',
  'integer',
  'decimal',
  'float',
  'boolean',
  'timestamp',
  'date',
  'json',
  'binary',
] as const;
export type ColumnKind = (typeof columnKinds)[number];

export interface Column {
  name: string;
  kind: ColumnKind;
  /** The warehouse's own name of the type: for people. */
  sourceType: string;
}
