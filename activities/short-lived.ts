import { randomUUID } from 'node:crypto';
import type { Blobs } from '../blobs/blobs.ts';
import { blobName, type BlobName } from '../vocabulary/ids.ts';

const LIFE_MS = 60 * 60 * 1000;
const FOLDER = blobName('previews');

/** Puts what a client is about to read as a blob with an hour's life: rows do not travel through Temporal. */
export async function putShortLived(blobs: Blobs, document: unknown): Promise<BlobName> {
  const blob = blobName(FOLDER, `${Date.now() + LIFE_MS}-${randomUUID()}`);
  await blobs.put(blob, JSON.stringify(document));
  return blob;
}

/** Of a folder whose names begin with the time at which they end, in milliseconds. @default what clients did not fetch */
export async function removeExpired(blobs: Blobs, folder = FOLDER): Promise<void> {
  for (const blob of await blobs.list(folder)) {
    const expiresAt = Number(blob.slice(folder.length + 1).split('-')[0]);
    if (expiresAt < Date.now()) await blobs.remove(blob);
  }
}
