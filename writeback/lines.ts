import {
  writebackColumns,
  writebackPartitions,
  runDate,
  type Cell,
  type Line,
  type WritebackTable,
  type WrittenRun,
} from '../vocabulary/writeback.ts';
import { csvLine } from './csv.ts';

const namesOf = (table: WritebackTable): string[] => writebackColumns[table].map(({ name }) => name);

const cells = (names: readonly string[], line: Line): Cell[] => names.map((name) => line[name] ?? null);

/** Lines as Parquet has them: what the names of folders say is not said again. */
export function parquetText(table: WritebackTable, lines: readonly Line[]): string {
  const names = namesOf(table);
  return lines.map((line) => csvLine(cells(names, line))).join('');
}

/** The columns of a table that lies in no folders. */
export const tableColumns = (table: WritebackTable) => [...writebackPartitions, ...writebackColumns[table]];

/** Lines as such a table has them. */
export function tableText(table: WritebackTable, run: WrittenRun, lines: readonly Line[]): string {
  const names = namesOf(table);
  const before = csvLine([run.sync, runDate(run)]).trimEnd();
  return lines.map((line) => `${before},${csvLine(cells(names, line))}`).join('');
}
