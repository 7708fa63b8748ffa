import { ApiFailure } from './api-failure.ts';
import type { StandinSpreadsheet, StandinTab } from './documents.ts';

export interface GridRange {
  tab: StandinTab;
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A1 notation as the service reads it, clipped to the grid; it refuses a range that begins behind the grid. */
export function resolveRange(spreadsheet: StandinSpreadsheet, a1: string): GridRange {
  const match = /^(?:'((?:[^']|'')+)'|([^!]+))(?:!(.*))?$/.exec(a1);
  const refuse = (): never => {
    throw new ApiFailure(400, 'INVALID_ARGUMENT', `Unable to parse range: ${a1}`);
  };
  if (match === null) return refuse();
  const [, quoted, plain, behind] = match;
  const name = quoted?.replaceAll("''", "'") ?? plain;
  const named = spreadsheet.tabs.find(({ title }) => title === name);
  const mustBeTab = quoted !== undefined || behind !== undefined;
  const tab = named ?? (mustBeTab ? refuse() : spreadsheet.tabs[0]);
  if (tab === undefined) return refuse();
  const rest = named === undefined ? plain : behind;
  const whole = { tab, top: 1, left: 1, bottom: tab.rows, right: tab.columns };
  const range = rest === undefined ? whole : clip(tab, rest, refuse);
  if (range.top > tab.rows || range.left > tab.columns) {
    const limits = `Max rows: ${tab.rows}, max columns: ${tab.columns}`;
    throw new ApiFailure(400, 'INVALID_ARGUMENT', `Range (${a1}) exceeds grid limits. ${limits}`);
  }
  return range;
}

function clip(tab: StandinTab, text: string, refuse: () => never): GridRange {
  const match = /^([A-Za-z]{0,3})(\d*)(?::([A-Za-z]{0,3})(\d*))?$/.exec(text.replaceAll('$', ''));
  if (match === null) return refuse();
  const [, left = '', top = '', right, bottom] = match;
  if ((left === '' && top === '') || (right === '' && bottom === '')) return refuse();
  const isCell = right === undefined;
  const rows = ordered(top === '' ? 1 : Number(top), endOf(isCell ? top : bottom, Number, tab.rows));
  const columns = ordered(left === '' ? 1 : number(left), endOf(isCell ? left : right, number, tab.columns));
  return {
    tab,
    top: rows[0],
    left: columns[0],
    bottom: Math.min(rows[1], tab.rows),
    right: Math.min(columns[1], tab.columns),
  };
}

const endOf = (text: string | undefined, parse: (text: string) => number, last: number): number =>
  text === undefined || text === '' ? last : parse(text);

const ordered = (one: number, other: number): [number, number] => [
  Math.min(one, other),
  Math.max(one, other),
];

const number = (letters: string): number =>
  [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);

const letters = (column: number): string =>
  column === 0 ? '' : letters(Math.floor((column - 1) / 26)) + String.fromCharCode(65 + ((column - 1) % 26));

/** As the service writes the range that it has read. */
export function writeRange({ bottom, left, right, tab, top }: GridRange): string {
  const name = /^[A-Za-z_]\w*$/.test(tab.title) ? tab.title : `'${tab.title.replaceAll("'", "''")}'`;
  const isCell = top === bottom && left === right;
  return `${name}!${letters(left)}${top}${isCell ? '' : `:${letters(right)}${bottom}`}`;
}
