import type { sheets_v4 } from '@googleapis/sheets';
import type { SheetContent } from '../../definitions/model.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { parseA1, type A1Area } from './a1.ts';
import type { GoogleApi } from './google-api.ts';

/** What a model reads, in a grid as it is now. Rows and columns from 1, both ends included. */
export interface Area {
  spreadsheet: string;
  tab: string;
  timeZone: string;
  grid: Grid;
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export interface Grid {
  sheetId: number;
  rows: number;
  columns: number;
}

const FIELDS =
  'properties(timeZone),namedRanges(name,range),sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)))';

/** Finds what a model names. Ranges end with the grid: Google refuses what begins behind it. */
export async function locate(api: GoogleApi, model: { name: string } & SheetContent): Promise<Area> {
  const id = spreadsheetId(model);
  const { spreadsheet } = await api.spreadsheet(id, { fields: FIELDS });
  const { area, properties } = rangeOf(model, spreadsheet);
  const tab = properties.title ?? '';
  const grid = gridOf(properties);
  if (grid === null) throw missing(model, `tab "${tab}" has no cells`);
  const { left, top } = area;
  if (top > grid.rows || left > grid.columns) {
    const size = `${grid.rows} rows and ${grid.columns} columns`;
    throw missing(model, `range "${model.range}" begins behind the end of tab "${tab}", which has ${size}`);
  }
  return {
    spreadsheet: id,
    tab,
    timeZone: spreadsheet.properties?.timeZone ?? 'GMT',
    grid,
    top,
    left,
    bottom: Math.min(area.bottom ?? grid.rows, grid.rows),
    right: Math.min(area.right ?? grid.columns, grid.columns),
  };
}

export function gridOf(properties: sheets_v4.Schema$SheetProperties): Grid | null {
  const { gridProperties, sheetId } = properties;
  const { columnCount, rowCount } = gridProperties ?? {};
  if (rowCount == null || columnCount == null) return null;
  return { sheetId: sheetId ?? 0, rows: rowCount, columns: columnCount };
}

/** The id itself, or the address in the browser. */
function spreadsheetId(model: { name: string } & SheetContent): string {
  const text = model.spreadsheet.trim();
  const id = /\/spreadsheets\/(?:u\/\d+\/)?d\/(?!e\/)([\w-]+)/.exec(text)?.[1] ?? text;
  if (/^[\w-]+$/.test(id)) return id;
  throw new BackhaulError(
    'source_database_missing',
    `model ${model.name}: neither the id of a spreadsheet nor its address`,
    {
      action: 'Copy the address from the browser: https://docs.google.com/spreadsheets/d/…',
    },
  );
}

const WHOLE: A1Area = { top: 1, left: 1, bottom: null, right: null };

interface Located {
  properties: sheets_v4.Schema$SheetProperties;
  area: A1Area;
}

function rangeOf(model: { name: string } & SheetContent, spreadsheet: sheets_v4.Schema$Spreadsheet): Located {
  const { range, sheet } = model;
  const tabs = (spreadsheet.sheets ?? []).flatMap(({ properties }) =>
    properties == null ? [] : [properties],
  );
  const tabNamed = (name: string): sheets_v4.Schema$SheetProperties => {
    const found = tabs.find(({ title }) => title === name);
    if (found === undefined) throw missing(model, `tab "${name}"`);
    return found;
  };
  const given = (): sheets_v4.Schema$SheetProperties => {
    const tab = sheet === undefined ? tabs[0] : tabNamed(sheet);
    if (tab === undefined) throw missing(model, 'no tab is there');
    return tab;
  };
  if (range === undefined) return { properties: given(), area: WHOLE };
  const parsed = parseA1(range);
  if (parsed === null) {
    const named = sheet === undefined ? namedRange(range, spreadsheet, tabs) : null;
    if (named !== null) return named;
    const tab = tabs.find(({ title }) => title === range);
    if (tab !== undefined && sheet === undefined) return { properties: tab, area: WHOLE };
    throw syntax(model, 'is no range');
  }
  const { area, tab } = parsed;
  if (tab !== null && sheet !== undefined && tab !== sheet)
    throw syntax(model, `names another tab than "${sheet}"`);
  return { properties: tab === null ? given() : tabNamed(tab), area };
}

function namedRange(
  name: string,
  { namedRanges }: sheets_v4.Schema$Spreadsheet,
  tabs: readonly sheets_v4.Schema$SheetProperties[],
): Located | null {
  const range = namedRanges?.find((one) => one.name?.toLowerCase() === name.toLowerCase())?.range;
  const properties = tabs.find(({ sheetId }) => (sheetId ?? 0) === (range?.sheetId ?? 0));
  if (range == null || properties === undefined) return null;
  const area = {
    top: (range.startRowIndex ?? 0) + 1,
    left: (range.startColumnIndex ?? 0) + 1,
    bottom: range.endRowIndex ?? null,
    right: range.endColumnIndex ?? null,
  };
  return { properties, area };
}

const missing = (model: { name: string }, what: string): BackhaulError =>
  new BackhaulError('source_table_missing', `model ${model.name}, ${what}`, {
    action: 'Check the names of tab and range in the model.',
  });

const syntax = (model: { name: string } & SheetContent, what: string): BackhaulError =>
  new BackhaulError('source_syntax', `model ${model.name}: range "${model.range}" ${what}`, {
    action: 'Write a range such as A1:F500, A:F or Users!A:F, or the name of a named range.',
  });
