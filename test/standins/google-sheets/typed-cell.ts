import type { StandinCell } from './documents.ts';

const DAY_MS = 86_400_000;
const EPOCH_MS = Date.UTC(1899, 11, 30);

/** The serial number of a date, with the part of the day that has passed. */
export const serialOf = (utcMs: number): number => (utcMs - EPOCH_MS) / DAY_MS;

/** What Google Sheets makes of a text that somebody types into a cell, as far as the values page needs it. */
export function typedCell(typed: string): StandinCell {
  for (const [pattern, make] of entries) {
    const match = pattern.exec(typed);
    if (match !== null) return make(match.slice(1));
  }
  return { value: typed };
}

type Entry = [RegExp, (groups: string[]) => StandinCell];

const clock = (hours = '0', minutes = '0', seconds = '0'): number =>
  (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) / 86_400;
const day = (date: string): number => serialOf(Date.parse(`${date}T00:00:00Z`));
/** A number has 15 digits: further ones are zeros. */
const fifteen = (digits: string): number => Number(Number(digits).toPrecision(15));

const entries: Entry[] = [
  [/^'([^]*)$/, ([value = '']) => ({ value })],
  [/^(TRUE|FALSE)$/, ([value]) => ({ value: value === 'TRUE' })],
  [/^(-?\d+(?:\.\d+)?)$/, ([digits = '']) => ({ value: fifteen(digits) })],
  [
    /^(-?\d+(?:\.\d+)?E[+-]?\d+)$/,
    ([digits = '']) => ({ value: Number(digits), format: { type: 'SCIENTIFIC', pattern: '0.00E+00' } }),
  ],
  [
    /^(-?\d+(?:\.\d+)?)%$/,
    ([digits = '']) => ({ value: Number(digits) / 100, format: { type: 'PERCENT', pattern: '0.00%' } }),
  ],
  [
    /^\$(\d[\d,]*(?:\.\d+)?)$/,
    ([digits = '']) => ({
      value: Number(digits.replaceAll(',', '')),
      format: { type: 'CURRENCY', pattern: '"$"#,##0.00' },
    }),
  ],
  [
    /^(\d{4}-\d\d-\d\d)$/,
    ([date = '']) => ({ value: day(date), format: { type: 'DATE', pattern: 'yyyy-mm-dd' } }),
  ],
  [
    /^(\d{4}-\d\d-\d\d) (\d\d):(\d\d):(\d\d(?:\.\d+)?)$/,
    ([date = '', ...time]) => ({
      value: day(date) + clock(...time),
      format: { type: 'DATE_TIME', pattern: 'yyyy-mm-dd hh:mm:ss.000' },
    }),
  ],
  [
    /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/,
    (time) => ({
      value: clock(...time),
      format:
        clock(...time) < 1 ? { type: 'TIME', pattern: 'h:mm:ss' } : { type: 'TIME', pattern: '[h]:mm:ss' },
    }),
  ],
  [
    /^=REPT\("(.*)", (\d+)\)$/,
    ([part = '', times]) => ({ value: part.repeat(Number(times)), formula: `=REPT("${part}", ${times})` }),
  ],
  [/^=("")$/, () => ({ value: '', formula: '=""' })],
];
