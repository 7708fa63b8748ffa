import type { Cell } from '../vocabulary/writeback.ts';

/**
 * A line of CSV as both DuckDB and PostgreSQL take it: nothing between two commas is null, `""` is an empty text. NUL, which PostgreSQL
 * cannot hold and which no key of Segment needs, becomes U+FFFD.
 */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\n`;

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = cell.includes('\0') ? cell.replaceAll('\0', '\uFFFD') : cell;
  return `"${text.includes('"') ? text.replaceAll('"', '""') : text}"`;
}
