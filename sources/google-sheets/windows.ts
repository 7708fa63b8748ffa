import type { sheets_v4 } from '@googleapis/sheets';
import { formatA1 } from './a1.ts';
import { cellOf, type Cell } from './cells.ts';
import { ChangedUnderUs, type GoogleApi } from './google-api.ts';
import { gridOf, type Area } from './locate.ts';

/** What Google recommends for a payload: https://developers.google.com/sheets/api/limits */
const WINDOW_CHARACTERS = 2_000_000;
/** As many as an untouched tab has (26,000) and a few more: most spreadsheets are read in one call. */
const FIRST_WINDOW_CELLS = 30_000;
const MAX_WINDOW_CELLS = 200_000;

const FIELDS =
  'properties(timeZone),' +
  'sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),' +
  'data(rowData(values(' +
  'effectiveValue(numberValue,stringValue,boolValue,errorValue(type)),' +
  'effectiveFormat(numberFormat(type,pattern))))))';

export interface Window {
  /** The number of its first row. */
  top: number;
  /** As wide as the area; rows at the end that hold nothing may be left out. */
  rows: Cell[][];
}

/**
 * An area in windows of rows whose size follows from what the rows before had. Throws `ChangedUnderUs` when the tab got
 * another name, size or time zone meanwhile.
 */
export async function* windowsOf(api: GoogleApi, area: Area): AsyncGenerator<Window> {
  const width = area.right - area.left + 1;
  let height = Math.max(1, Math.floor(FIRST_WINDOW_CELLS / width));
  for (let top = area.top; top <= area.bottom;) {
    const bottom = Math.min(top + height - 1, area.bottom);
    const range = formatA1(area.tab, { ...area, top, bottom });
    const { length, spreadsheet } = await api.spreadsheet(area.spreadsheet, {
      fields: FIELDS,
      ranges: [range],
    });
    const [sheet] = spreadsheet.sheets ?? [];
    if (sheet === undefined || !isStill(area, sheet, spreadsheet)) throw new ChangedUnderUs();
    yield { top, rows: (sheet.data?.[0]?.rowData ?? []).map((row) => cellsOf(row, width)) };
    height = nextHeight(length / (bottom - top + 1), width);
    top = bottom + 1;
  }
}

export const isOneWindow = ({ bottom, left, right, top }: Area): boolean =>
  (bottom - top + 1) * (right - left + 1) <= FIRST_WINDOW_CELLS;

const nextHeight = (charactersPerRow: number, width: number): number =>
  Math.max(1, Math.floor(Math.min(WINDOW_CHARACTERS / charactersPerRow, MAX_WINDOW_CELLS / width)));

function isStill(
  area: Area,
  { properties }: sheets_v4.Schema$Sheet,
  spreadsheet: sheets_v4.Schema$Spreadsheet,
): boolean {
  const { grid, tab, timeZone } = area;
  const now = gridOf(properties ?? {});
  return (
    now?.sheetId === grid.sheetId &&
    now.rows === grid.rows &&
    now.columns === grid.columns &&
    properties?.title === tab &&
    (spreadsheet.properties?.timeZone ?? 'GMT') === timeZone
  );
}

function cellsOf({ values }: sheets_v4.Schema$RowData, width: number): Cell[] {
  const cells = new Array<Cell>(width).fill(null);
  const given = values ?? [];
  for (let position = 0; position < Math.min(width, given.length); position += 1) {
    const cell = given[position];
    if (cell !== undefined) cells[position] = cellOf(cell);
  }
  return cells;
}
