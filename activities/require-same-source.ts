import type { LedgerDatabase } from '../ledger/connect.ts';
import type { RunRecord } from '../ledger/runs.ts';
import { readState, type StatePointer } from '../ledger/states.ts';
import { writeKeyDigest } from '../segment/write-key-digest.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/**
 * The state that a run builds on, which belongs to one source of Segment. References are resolved anew by each step: a key
 * that was changed on the workers in mid-run would send the rest elsewhere, and the state would never know.
 */
export async function requireSameSource(
  db: LedgerDatabase,
  run: RunRecord,
  writeKey: string,
): Promise<StatePointer> {
  const state = await readState(db, run.sync);
  if (state === undefined) throw new BackhaulError('state_missing', `sync ${run.sync}`);
  if (state.identity.writeKeyDigest !== writeKeyDigest(writeKey)) {
    throw new BackhaulError('destination_changed', `sync ${run.sync}: the write key`);
  }
  return state;
}
