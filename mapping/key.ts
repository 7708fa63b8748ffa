import type { Column, ColumnKind } from '../vocabulary/columns.ts';
import { unescapeSpool } from '../vocabulary/spool.ts';
import { valueWriter, type WrittenValue } from './value.ts';

/**
 * The kinds whose canonical text names a user for good: a float, a timestamp or JSON can be written in more ways than
 * one, and a boolean names two users.
 */
export const keyKinds: readonly ColumnKind[] = ['text', 'integer', 'decimal', 'date'];

/**
 * The key as it is sent. Keys are compared as these strings: `1` and `01` are two users, and so are the decimals `1`
 * and `1.0`, whose text stays as the warehouse writes it. No digit is ever lost.
 *
 * @param escaped the key as the spool holds it
 */
export const keyText = (escaped: string): string => unescapeSpool(escaped);

/**
 * Writes a key as a JSON string. A decimal that is no number and a date that is infinite name nobody: they are as
 * unsendable as in a trait.
 */
export function keyWriter(column: Column): (escaped: string) => WrittenValue {
  const write = valueWriter({ ...column, kind: 'text' });
  if (column.kind === 'text' || column.kind === 'integer') return write;
  const check = valueWriter(column);
  return (escaped) => {
    const checked = check(escaped);
    return typeof checked === 'string' ? write(escaped) : checked;
  };
}
