import { idFields, type IdField, type KeyTarget, type ObjectName } from '../definitions/objects.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import { mappedColumn, missingColumn, type SyncForMapping } from './choose-traits.ts';
import { keyKinds } from './key.ts';

/** What a row is at Segment: which columns name it, whose it is, and of an event how it is called. */
export interface Identity {
  object: ObjectName;
  /** `keyColumns` without the first only of a group: who belongs to it is a part of what the row says. */
  keyColumns: readonly [Column, ...Column[]];
  keyTo: KeyTarget;
  /** Ids of the user beside the key, the userId first. */
  identifiers: readonly { to: IdField; column: Column }[];
  event: { column: Column } | { constant: string } | null;
}

/** @throws BackhaulError key_column_missing, key_type_unsupported, column_missing, definitions_invalid */
export function chooseIdentity(sync: SyncForMapping, columns: readonly Column[]): Identity {
  const { key, object = 'user' } = sync;
  const keyColumn = columns.find(({ name }) => name === key.from);
  if (keyColumn === undefined)
    throw new BackhaulError('key_column_missing', missingColumn(key.from, columns));
  const identifiers = idFields.flatMap((to) => {
    const from = sync.identifiers?.[to]?.from;
    return from === undefined ? [] : [{ to, column: mappedColumn(from, columns, `${to}: `) }];
  });
  for (const column of [keyColumn, ...identifiers.map((id) => id.column)]) requireKeyKind(column);
  const keyColumns: Identity['keyColumns'] =
    object === 'group' ? [keyColumn, ...identifiers.map(({ column }) => column)] : [keyColumn];
  return { object, keyColumns, keyTo: key.to, identifiers, event: eventOf(sync, columns) };
}

function requireKeyKind({ kind, name, sourceType }: Column): void {
  if (!keyKinds.includes(kind)) {
    throw new BackhaulError('key_type_unsupported', `column "${name}" is ${sourceType}`);
  }
}

function eventOf({ event, object }: SyncForMapping, columns: readonly Column[]): Identity['event'] {
  if (object !== 'event') return null;
  const { constant, from } = event ?? {};
  if (from !== undefined) return { column: mappedColumn(from, columns, 'event: ') };
  if (constant !== undefined) return { constant };
  throw new BackhaulError('definitions_invalid', 'an event without a name');
}
