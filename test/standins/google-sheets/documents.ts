/** Spreadsheets as the stand-in keeps them. */
export interface StandinSpreadsheet {
  id: string;
  timeZone: string;
  tabs: StandinTab[];
  namedRanges?: { name: string; tab: number; top: number; left: number; bottom: number; right: number }[];
  /** E-mail addresses that it is shared with. */
  viewers: string[];
  editors: string[];
  /** To be raised with every change. */
  version: number;
  /** A file of another program: no call but to Drive works on it. */
  isForeign?: boolean;
  /** Milliseconds until an answer about its cells begins. */
  delayMs?: number;
  /** Called when cells were read, so that a test can change something in mid-read. */
  onRead?: (range: string) => void;
}

export interface StandinTab {
  id: number;
  title: string;
  rows: number;
  columns: number;
  /** Rows and columns from 1. */
  cell(row: number, column: number): StandinCell | undefined;
}

export interface StandinCell {
  value: number | string | boolean | { error: string };
  format?: { type: string; pattern?: string };
  formula?: string;
}

export interface StandinGrid {
  timeZone?: string;
  columns?: number;
  rows?: number;
}

/** A tab with these cells, in a grid with some room around them. */
export function tabOf(
  id: number,
  title: string,
  cells: readonly (readonly (StandinCell | undefined)[])[],
  { columns = 26, rows = 1000 }: StandinGrid = {},
): StandinTab {
  return { id, title, rows, columns, cell: (row, column) => cells[row - 1]?.[column - 1] };
}

export const text = (value: string): StandinCell => ({ value });
