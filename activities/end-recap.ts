import type { BlobName } from '../vocabulary/ids.ts';
import { blobName } from '../vocabulary/ids.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { releaseForRecap } from './recap-reading.ts';
import { removeExpired } from './short-lived.ts';

/** Removes what a recap needed on its way, here and at the warehouse, however it ended; and what recaps that were terminated left. */
export async function endRecap(dependencies: Dependencies, { folder }: { folder: BlobName }): Promise<void> {
  const { blobs } = dependencies;
  await heartbeating(
    () => ({}),
    async () => {
      await releaseForRecap(dependencies, folder);
      await blobs.remove(folder);
      await removeExpired(blobs, blobName(folder.slice(0, folder.lastIndexOf('/'))));
    },
  );
}
