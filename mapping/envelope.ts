import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import { mappedColumn, refuseCollisions, traitOf, type SyncForMapping } from './choose-traits.ts';
import { canBecome } from './convert.ts';
import { byPath, columnsOf, type Trait } from './traits.ts';

/** What a message says beside its user and traits. */
export interface Envelope {
  /** When what the row says came to be; null: when the snapshot was taken. */
  timestamp: Column | null;
  /** Beside what Backhaul says of itself; sorted by path. */
  context: Trait[];
  integrations: Readonly<Record<string, boolean>>;
}

/** @throws BackhaulError column_missing, type_not_convertible, trait_collision, trait_name_invalid, definitions_invalid */
export function chooseEnvelope(sync: SyncForMapping, columns: readonly Column[]): Envelope {
  // A null has nothing to clear in a context.
  const context = (sync.context ?? []).map((entry) => traitOf(entry, 'omit', columns));
  refuseCollisions(context);
  return {
    timestamp: sync.timestamp === undefined ? null : timestampColumn(sync.timestamp.from, columns),
    context: context.sort(byPath),
    integrations: sync.integrations ?? {},
  };
}

/** The columns that it is made of. */
export const envelopeColumns = ({ timestamp, context }: Envelope): Column[] => [
  ...(timestamp === null ? [] : [timestamp]),
  ...context.flatMap(columnsOf),
];

function timestampColumn(name: string, columns: readonly Column[]): Column {
  const column = mappedColumn(name, columns, 'timestamp: ');
  if (canBecome(column.kind, 'datetime')) return column;
  throw new BackhaulError(
    'type_not_convertible',
    `timestamp: column "${name}" is ${column.sourceType}, not datetime`,
  );
}
