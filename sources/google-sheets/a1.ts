/** Rows and columns from 1, both ends included; null: to the end of the tab. */
export interface A1Area {
  top: number;
  left: number;
  bottom: number | null;
  right: number | null;
}

export interface A1Range {
  tab: string | null;
  area: A1Area;
}

const WITH_TAB = /^(?:'((?:[^']|'')+)'|([^'!]+))!(.*)$/s;
const AREA = /^\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?(?::\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?)?$/;

/**
 * `A1:F500`, `A:F`, `2:9`, `B2:F`, each with or without `Users!` or `'My tab'!` in front; null when it is none of these.
 * Source: https://developers.google.com/sheets/api/guides/concepts, "A1 notation".
 */
export function parseA1(text: string): A1Range | null {
  const [, quoted, plain, behind] = WITH_TAB.exec(text) ?? [];
  const tab = quoted?.replaceAll("''", "'") ?? plain ?? null;
  const area = parseArea((behind ?? text).trim());
  return area === null ? null : { tab, area };
}

function parseArea(text: string): A1Area | null {
  const match = AREA.exec(text);
  if (match === null || text === '' || text.endsWith(':') || text.startsWith(':')) return null;
  const [, left, top, right, bottom] = match;
  const isOneCell = !text.includes(':');
  if (isOneCell && (left === undefined || top === undefined)) return null;
  const columns = [left, isOneCell ? left : right].map(columnNumber);
  const rows = [top, isOneCell ? top : bottom].map((row) => (row === undefined ? null : Number(row)));
  return {
    top: first(rows),
    left: first(columns),
    bottom: last(rows),
    right: last(columns),
  };
}

const first = (ends: readonly (number | null)[]): number =>
  ends.includes(null) ? (ends[0] ?? 1) : Math.min(...ends.map(Number));
const last = (ends: readonly (number | null)[]): number | null =>
  ends.includes(null) ? (ends[1] ?? null) : Math.max(...ends.map(Number));

const columnNumber = (letters: string | undefined): number | null =>
  letters === undefined
    ? null
    : [...letters.toUpperCase()].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0);

/** `AB` for 28. */
export function columnLetters(column: number): string {
  let letters = '';
  for (let left = column; left > 0; left = Math.floor((left - 1) / 26)) {
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  }
  return letters;
}

/** `'It''s a tab'!A2:F9`: always quoted, which holds for every name. */
export const formatA1 = (
  tab: string,
  area: { top: number; left: number; bottom: number; right: number },
): string =>
  `'${tab.replaceAll("'", "''")}'!${columnLetters(area.left)}${area.top}:${columnLetters(area.right)}${area.bottom}`;
