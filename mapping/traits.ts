import type { Constant, ErrorPolicy, NullPolicy, RunField, ValueType } from '../definitions/mapping-entry.ts';
import type { Column } from '../vocabulary/columns.ts';

/** Where a value comes from. */
export type ValueSource =
  | { kind: 'column'; column: Column; type: ValueType | null }
  | { kind: 'hash'; column: Column }
  | { kind: 'template'; text: string; columns: readonly Column[]; type: ValueType | null }
  | { kind: 'constant'; constant: Constant }
  | { kind: 'run'; field: RunField };

/** A place in the message and where its value comes from. */
export interface Trait {
  /** For people; of a nested trait the path. */
  name: string;
  /** Names from the outside in. */
  path: readonly string[];
  source: ValueSource;
  nulls: NullPolicy;
  onError: ErrorPolicy;
}

/** The columns that a value is made of. */
export function columnsOf({ source }: Trait): readonly Column[] {
  switch (source.kind) {
    case 'column':
    case 'hash':
      return [source.column];
    case 'template':
      return source.columns;
    case 'constant':
    case 'run':
      return [];
  }
}

/** By code units, not by a locale: the order decides the digest. */
export const byName = (a: { name: string }, b: { name: string }): number => compareText(a.name, b.name);

/** What is in one object stands together. */
export function byPath(a: Trait, b: Trait): number {
  for (const [depth, name] of a.path.entries()) {
    const order = compareText(name, b.path[depth] ?? '');
    if (order !== 0) return order;
  }
  return a.path.length - b.path.length;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
