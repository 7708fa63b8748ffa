import type { StandinCell, StandinSpreadsheet, StandinTab } from './documents.ts';
import { resolveRange, type GridRange } from './ranges.ts';

/** The body of `spreadsheets.get`, whole: a mask takes what it wants of it. */
export function spreadsheetBody(
  spreadsheet: StandinSpreadsheet,
  ranges: readonly string[],
  withGrid: boolean,
): object {
  const grids = ranges.map((range) => resolveRange(spreadsheet, range));
  const tabs =
    grids.length === 0
      ? spreadsheet.tabs
      : spreadsheet.tabs.filter((tab) => grids.some((grid) => grid.tab === tab));
  const { id, namedRanges = [], timeZone } = spreadsheet;
  return {
    spreadsheetId: id,
    properties: { title: id, locale: 'en_US', autoRecalc: 'ON_CHANGE', timeZone },
    sheets: tabs.map((tab) => ({
      properties: propertiesOf(tab, spreadsheet.tabs.indexOf(tab)),
      ...(withGrid
        ? {
            data: (grids.length === 0 ? [wholeOf(tab)] : grids.filter((grid) => grid.tab === tab)).map(
              gridData,
            ),
          }
        : {}),
    })),
    ...(namedRanges.length === 0 ? {} : { namedRanges: namedRanges.map(namedRangeBody) }),
    spreadsheetUrl: `https://docs.google.com/spreadsheets/d/${id}/edit`,
  };
}

const propertiesOf = ({ columns, id, rows, title }: StandinTab, index: number): object => ({
  sheetId: id,
  title,
  index,
  sheetType: 'GRID',
  gridProperties: { rowCount: rows, columnCount: columns },
});

const namedRangeBody = (range: NonNullable<StandinSpreadsheet['namedRanges']>[number]): object => ({
  namedRangeId: `id-of-${range.name}`,
  name: range.name,
  range: {
    sheetId: range.tab,
    startRowIndex: range.top - 1,
    endRowIndex: range.bottom,
    startColumnIndex: range.left - 1,
    endColumnIndex: range.right,
  },
});

const wholeOf = (tab: StandinTab): GridRange => ({
  tab,
  top: 1,
  left: 1,
  bottom: tab.rows,
  right: tab.columns,
});

/** What is zero is left out, and so are rows and cells at the end that hold nothing. */
function gridData({ bottom, left, right, tab, top }: GridRange): object {
  const rowData: { values?: object[] }[] = [];
  for (let row = top; row <= bottom; row += 1) {
    const values: object[] = [];
    let used = 0;
    for (let column = left; column <= right; column += 1) {
      const cell = tab.cell(row, column);
      if (cell !== undefined) used = values.length + 1;
      values.push(cell === undefined ? {} : cellData(cell));
    }
    values.length = used;
    rowData.push(used === 0 ? {} : { values });
  }
  while (rowData.length > 0 && rowData.at(-1)?.values === undefined) rowData.pop();
  return {
    ...(top === 1 ? {} : { startRow: top - 1 }),
    ...(left === 1 ? {} : { startColumn: left - 1 }),
    ...(rowData.length === 0 ? {} : { rowData }),
  };
}

function cellData({ format, formula, value }: StandinCell): object {
  const effectiveValue = extendedValue(value);
  const numberFormat = format === undefined ? {} : { numberFormat: format };
  return {
    userEnteredValue: formula === undefined ? effectiveValue : { formulaValue: formula },
    effectiveValue,
    formattedValue: typeof value === 'object' ? `#${value.error}` : String(value),
    ...(format === undefined
      ? {}
      : {
          userEnteredFormat: numberFormat,
          effectiveFormat: { ...numberFormat, verticalAlignment: 'BOTTOM' },
        }),
  };
}

function extendedValue(value: StandinCell['value']): object {
  switch (typeof value) {
    case 'number':
      return { numberValue: value };
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    default:
      return { errorValue: { type: value.error, message: 'An error of a formula.' } };
  }
}
