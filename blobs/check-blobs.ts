import { randomUUID } from 'node:crypto';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import type { Blobs } from './blobs.ts';

/** What is written comes back as it was, and can be removed. */
export async function checkBlobs(blobs: Blobs): Promise<void> {
  const name = blobName('health', randomUUID());
  await blobs.put(name, name);
  const read = await blobs.get(name);
  await blobs.remove(name);
  if (read.toString('utf8') !== name)
    throw new BackhaulError('blobs_unavailable', 'what was written came back changed');
}
