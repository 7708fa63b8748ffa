import { escapeSpool, SPOOL_NULL } from '../vocabulary/spool.ts';

/**
 * A row of canonical texts as the spool writes it. A longer value is cut and stays longer than `maxValueBytes`: no text
 * has fewer bytes than UTF-16 units.
 */
export function spoolLine(values: readonly (string | null)[], maxValueBytes: number): string {
  let line = '';
  for (const [position, value] of values.entries()) {
    if (position > 0) line += '\t';
    if (value === null) line += SPOOL_NULL;
    else line += escapeSpool(value.length > maxValueBytes ? value.slice(0, maxValueBytes + 1) : value);
  }
  return `${line}\n`;
}
