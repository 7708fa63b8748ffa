import type { StateMapping } from '../ledger/state-record.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { EarlierFingerprint } from '../snapshot/take-snapshot.ts';
import type { Column } from '../vocabulary/columns.ts';

/** What is read beside the columns of the mapping, and what for. */
export interface Comparison {
  /** Columns that only earlier mappings read: they go into fingerprints, not into the snapshot. */
  beside: Column[];
  fingerprints: EarlierFingerprint[];
}

/** How a snapshot of these columns is compared with earlier mappings, whose columns the model still has; null: with none. */
export function compareWith(
  earlier: readonly StateMapping[],
  columns: readonly Column[],
  described: readonly Column[],
): Comparison | null {
  if (earlier.length === 0) return null;
  const own = new Set(columns.map(({ name }) => name));
  const needed = new Set(earlier.flatMap((mapping) => mapping.columns.map(({ name }) => name)));
  const beside = described.filter(({ name }) => needed.has(name) && !own.has(name));
  const place = new Map([...columns, ...beside].map(({ name }, position) => [name, position]));
  const fingerprints = earlier.map(({ columns: read, digest }) => ({
    digest,
    places: read.flatMap(({ name }) => place.get(name) ?? []),
  }));
  return { beside, fingerprints };
}

type Mapped = Pick<CompiledMapping, 'columns'>;

/** What is read: the columns of the mapping, and behind them those that it is only compared by. */
export const columnsRead = ({
  carried,
  mapping,
}: {
  carried: Comparison | null;
  mapping: Mapped;
}): Column[] => [...mapping.columns, ...(carried?.beside ?? [])];

/** For `takeSnapshot`. */
export const fingerprintsOf = (
  { columns }: Mapped,
  carried: Comparison | null,
): { width: number; fingerprints: EarlierFingerprint[] } | null =>
  carried === null ? null : { width: columns.length, fingerprints: carried.fingerprints };
