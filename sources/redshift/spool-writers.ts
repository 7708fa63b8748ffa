import { escapeSpool, SPOOL_NULL } from '../../vocabulary/spool.ts';
import { finishOf, isMarked, type RedshiftColumn } from './columns.ts';

type Write = (text: string) => string;

/** Numbers, times and the like hold nothing that an escape is for. */
function plainWriter(column: RedshiftColumn): Write {
  if (column.kind === 'text' || column.kind === 'json') return escapeSpool;
  return finishOf(column) ?? ((text) => text);
}

/** Writes what came for a column as the spool has it. */
export function markedWriter(column: RedshiftColumn): Write {
  const write = plainWriter(column);
  return isMarked(column) ? (text) => write(text.slice(1)) : write;
}

/** Rows that came without marks, as lines of the spool. */
export function rowsWriter(
  columns: readonly RedshiftColumn[],
): (rows: readonly (readonly (string | null)[])[]) => Buffer {
  const writers = columns.map(plainWriter);
  return (rows) => {
    let lines = '';
    for (const row of rows) {
      for (const [position, write] of writers.entries()) {
        const value = row[position] ?? null;
        if (position > 0) lines += '\t';
        lines += value === null ? SPOOL_NULL : write(value);
      }
      lines += '\n';
    }
    return Buffer.from(lines, 'utf8');
  };
}
