import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column } from '../../vocabulary/columns.ts';
import { spoolLine } from '../spool-line.ts';
import { decoderOf } from './columns.ts';
import type { Row } from './split-rows.ts';

/** Makes the canonical texts of a row, in its place, of what was `selected` of these columns. */
export function canonicalRow(model: string, columns: readonly Column[]): (row: Row) => Row {
  const decoders = columns.map(decoderOf);
  return (row) => {
    if (row.length !== columns.length) {
      throw new BackhaulError('row_unreadable', `model ${model}: ${row.length} values`);
    }
    for (let position = 0; position < row.length; position += 1) {
      const value = row[position];
      if (value === null) continue;
      if (typeof value !== 'string') {
        throw new BackhaulError('row_unreadable', `model ${model}, column ${position + 1}`);
      }
      const decode = decoders[position];
      if (decode != null) row[position] = decode(value);
    }
    return row;
  };
}

/** A batch of rows as the spool writes them. */
export function spooled(rows: readonly Row[], canonical: (row: Row) => Row, maxValueBytes: number): Buffer {
  let lines = '';
  for (const row of rows) lines += spoolLine(canonical(row), maxValueBytes);
  return Buffer.from(lines);
}
