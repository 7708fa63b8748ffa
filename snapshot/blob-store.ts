import type { BlobName } from '../vocabulary/ids.ts';

/** What this room needs of blobs/, which is handed in. */
export interface BlobStore {
  put(name: BlobName, content: Uint8Array | string): Promise<void>;
  adopt(localFile: string, name: BlobName): Promise<void>;
  fetch(name: BlobName, scratchFile: string): Promise<void>;
}
