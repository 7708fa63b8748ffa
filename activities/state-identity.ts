import type { PinnedDefinition } from '../ledger/run-record.ts';
import type { StateIdentity } from '../ledger/state-record.ts';
import { writeKeyDigest } from '../segment/write-key-digest.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Dependencies } from './dependencies.ts';
import { resolveSegment } from './resolve-ends.ts';

/** What the state of a sync belongs to, as its definition stands. */
export async function identityOf(
  dependencies: Dependencies,
  { sync, destination }: Pick<PinnedDefinition, 'sync' | 'destination'>,
  key: { name: string; kind: string },
): Promise<StateIdentity> {
  const { writeKey } = await resolveSegment(dependencies, sync.destination, destination);
  return {
    writeKeyDigest: writeKeyDigest(writeKey),
    object: sync.object,
    keyColumn: key.name,
    keyTo: sync.key.to,
    keyKind: key.kind,
  };
}

/** @throws key_type_changed, destination_changed */
export function checkIdentity(sync: string, was: StateIdentity, now: StateIdentity): void {
  if (was.keyKind !== now.keyKind) {
    throw new BackhaulError('key_type_changed', `sync ${sync}: was ${was.keyKind}, is ${now.keyKind}`);
  }
  const changed = [
    was.writeKeyDigest === now.writeKeyDigest ? [] : ['the write key'],
    was.object === now.object ? [] : [`object was ${was.object}`],
    was.keyColumn === now.keyColumn ? [] : [`key.from was ${was.keyColumn}`],
    was.keyTo === now.keyTo ? [] : [`key.to was ${was.keyTo}`],
  ].flat();
  if (changed.length > 0)
    throw new BackhaulError('destination_changed', `sync ${sync}: ${changed.join(', ')}`);
}
