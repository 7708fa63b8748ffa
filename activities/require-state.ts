import type { Blobs } from '../blobs/blobs.ts';
import type { StatePointer } from '../ledger/states.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName, type BlobName } from '../vocabulary/ids.ts';

/** The blob of a state; null when the sync has none yet. One that is lost is never taken for none (design rule 3). */
export async function requireState(
  blobs: Blobs,
  sync: string,
  state: Pick<StatePointer, 'blob'> | undefined,
): Promise<BlobName | null> {
  if (state?.blob == null) return null;
  const blob = blobName(state.blob);
  if (!(await blobs.exists(blob))) throw new BackhaulError('state_missing', `sync ${sync}, blob ${blob}`);
  return blob;
}
