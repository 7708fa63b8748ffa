import type { Column } from '../../vocabulary/columns.ts';
import type { Cell } from './cells.ts';

type CellType = 'boolean' | 'number' | 'text' | 'date' | 'date-time' | 'time';
const marked = { d: 'date', m: 'date-time', t: 'time' } as const;

/** What the cells of a column have been so far. */
export interface Seen {
  types: Set<CellType>;
  /** Every number is whole and within ±(2^53 − 1). */
  wholeNumbers: boolean;
  /** No date has a time of day. */
  wholeDays: boolean;
  /** The first formula that failed. */
  error: { row: number; type: string } | null;
}

export const nothingSeen = (): Seen => ({
  types: new Set(),
  wholeNumbers: true,
  wholeDays: true,
  error: null,
});

export const isEmpty = ({ error, types }: Seen): boolean => types.size === 0 && error === null;

export function see(seen: Seen, cell: Cell, row: number): void {
  if (cell === null) return;
  if (typeof cell === 'string') seen.types.add('text');
  else if (typeof cell === 'boolean') seen.types.add('boolean');
  else if (typeof cell === 'number') {
    seen.types.add('number');
    if (!Number.isSafeInteger(cell)) seen.wholeNumbers = false;
  } else if (cell[0] === 'e') seen.error ??= { row, type: cell[1] };
  else {
    seen.types.add(marked[cell[0]]);
    if (cell[0] === 'd' && !Number.isInteger(cell[1])) seen.wholeDays = false;
  }
}

/** One kind for all rows, so that a value's text does not depend on the rows around it more than it must. */
export function kindOf({ types, wholeDays, wholeNumbers }: Seen): Pick<Column, 'kind' | 'sourceType'> {
  const [type, ...others] = [...types].sort();
  if (type === undefined) return { kind: 'text', sourceType: 'empty' };
  const isTime = others.length === 1 && type === 'date' && others[0] === 'date-time';
  if (others.length > 0 && !isTime)
    return { kind: 'text', sourceType: `mixed: ${[type, ...others].join(', ')}` };
  switch (type) {
    case 'boolean':
      return { kind: 'boolean', sourceType: 'boolean' };
    case 'number':
      return { kind: wholeNumbers ? 'integer' : 'float', sourceType: 'number' };
    case 'date':
      return isTime || !wholeDays
        ? { kind: 'timestamp', sourceType: 'date-time' }
        : { kind: 'date', sourceType: 'date' };
    case 'date-time':
      return { kind: 'timestamp', sourceType: 'date-time' };
    case 'time':
    case 'text':
      return { kind: 'text', sourceType: type };
  }
}
