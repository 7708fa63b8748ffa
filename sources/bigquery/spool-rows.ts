import { escapeSpool, SPOOL_NULL } from '../../vocabulary/spool.ts';
import { kindOf, type Field } from './columns.ts';

/** Reads the canonical text of a value in a row of a page; null is NULL. */
export type ReadText = (row: number) => string | null;

/**
 * Rows of a page as the spool writes them, in one buffer. A longer value is cut and stays longer than `maxValueBytes`: no
 * text has fewer bytes than UTF-16 units.
 */
export function spoolRows(
  columns: readonly { field: Field; read: ReadText }[],
  { from, to, maxValueBytes }: { from: number; to: number; maxValueBytes: number },
): Buffer {
  const writers = columns.map(({ field, read }) => {
    // Only these can hold what the spool escapes.
    const escape = kindOf(field) === 'text' || kindOf(field) === 'json' ? escapeSpool : asItIs;
    return (row: number): string => {
      const text = read(row);
      if (text === null) return SPOOL_NULL;
      return escape(text.length > maxValueBytes ? text.slice(0, maxValueBytes + 1) : text);
    };
  });
  let lines = '';
  for (let row = from; row < to; row += 1) {
    let separator = '';
    for (const write of writers) {
      lines += separator + write(row);
      separator = '\t';
    }
    lines += '\n';
  }
  return Buffer.from(lines, 'utf8');
}

const asItIs = (text: string): string => text;
