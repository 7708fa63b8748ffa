import type { Blobs } from '../blobs/blobs.ts';
import type { Change } from '../snapshot/pages.ts';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import type { InvalidReason } from '../vocabulary/invalid.ts';

/** A row that the mapping found invalid. */
export interface InvalidRow {
  key: string;
  change: Change;
  reason: InvalidReason;
  column: string | null;
}

/** Keys of the invalid rows that were written beside these batches. */
export async function readInvalidKeys(blobs: Blobs, batches: BlobName): Promise<Set<string>> {
  const folder = batches.slice(0, batches.lastIndexOf('/'));
  const lines = (await blobs.get(blobName(folder, 'invalid'))).toString('utf8').split('\n');
  return new Set(
    lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { key: string }).key),
  );
}

/** Writes the invalid rows of a page beside its batches, a JSON object a line; nothing when there are none. */
export async function writeInvalidRows(
  blobs: Blobs,
  folder: BlobName,
  rows: readonly InvalidRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const lines = rows.map(({ key, reason, column }) => `${JSON.stringify({ key, reason, column })}\n`);
  await blobs.put(blobName(folder, 'invalid'), lines.join(''));
}
