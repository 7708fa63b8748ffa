import type { ColumnKind } from '../../vocabulary/columns.ts';

/** So many rows every source is read with: many pages of each. */
export const ROWS = 100_000;

export const STANDARD_COLUMNS = [
  'id',
  'email',
  'logins',
  'score',
  'ratio',
  'active',
  'seen_at',
  'born',
  'note',
] as const;
export type StandardColumn = (typeof STANDARD_COLUMNS)[number];

export interface StandardRow {
  /** From 1. */
  id: number;
  email: string;
  logins: number | null;
  /** Two decimal places. */
  score: string;
  ratio: number;
  active: boolean | null;
  /** UTC, `YYYY-MM-DD HH:MM:SS.ffffff` */
  seen_at: string;
  /** `YYYY-MM-DD` */
  born: string;
  /** Null, empty, and all that an escape could go wrong on. */
  note: string | null;
}

const NOTES: readonly (string | null)[] = [
  null,
  '',
  'plain',
  'tab\there',
  'line\nbreak',
  'back\\slash',
  'quote " and \' and ,',
  'NULL',
  '\\N',
  'grüße 😀 漢字',
  ' spaces ',
];

const two = (value: number): string => String(value).padStart(2, '0');

/** Made of its id alone, so that a warehouse may compute it, or be sent it. */
export function standardRow(id: number): StandardRow {
  const day = two(1 + (id % 28));
  const month = two(1 + (id % 12));
  return {
    id,
    email: `user${id}@example.com`,
    logins: id % 7 === 0 ? null : (id * 7) % 1000,
    score: `${(id * 13) % 10_000}.${two(id % 100)}`,
    ratio: id / 8,
    active: id % 5 === 0 ? null : id % 2 === 0,
    seen_at: `2026-${month}-${day} ${two(id % 24)}:${two(id % 60)}:${two((id * 3) % 60)}.${String(id % 1_000_000).padStart(6, '0')}`,
    born: `${1950 + (id % 50)}-${month}-${day}`,
    note: NOTES[id % NOTES.length] ?? null,
  };
}

export function* standardRows(rows = ROWS): Generator<StandardRow> {
  for (let id = 1; id <= rows; id += 1) yield standardRow(id);
}

/** The kinds in a warehouse that has a type for each column. */
export const STANDARD_KINDS: Readonly<Record<StandardColumn, ColumnKind>> = {
  id: 'integer',
  email: 'text',
  logins: 'integer',
  score: 'decimal',
  ratio: 'float',
  active: 'boolean',
  seen_at: 'timestamp',
  born: 'date',
  note: 'text',
};

/** The canonical text of a value in a column of a kind (vocabulary/columns.ts), before anything that only looks different. */
export function canonicalText(column: StandardColumn, row: StandardRow, kind: ColumnKind): string | null {
  const value = row[column];
  if (value === null) return null;
  if (typeof value === 'boolean') return kind === 'boolean' ? (value ? 't' : 'f') : String(value);
  return String(value);
}

const NUMBERS: readonly ColumnKind[] = ['integer', 'decimal', 'float'];

/**
 * A text in the form in which two sources may be compared: `1.50` and `1.5` are one decimal, and so are a timestamp with and
 * without zeros behind the point.
 */
export function comparable(text: string | null, kind: ColumnKind): string | null {
  if (text === null) return null;
  if (NUMBERS.includes(kind)) return String(Number(text));
  if (kind !== 'timestamp') return text;
  return text
    .replace(/\+00$/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}
