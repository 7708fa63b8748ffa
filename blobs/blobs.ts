import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import { openDirectory } from './directory.ts';
import { openGcs } from './gcs.ts';
import { openS3 } from './s3.ts';
import { SILENCE_MS } from './silence.ts';
import type { Storage, StorageFault } from './storage.ts';

/**
 * Where snapshots, pages, batches and states rest. Names are `/`-separated; a blob is written once and whole.
 * A blob that is not there fails with `snapshot_missing`; storage that does not answer with `blobs_unavailable`, one that
 * refuses with `blobs_refused`.
 */
export interface Blobs {
  put(name: BlobName, content: Uint8Array | string): Promise<void>;
  get(name: BlobName): Promise<Buffer>;
  /** The content in pieces: of a blob that grows with the number of rows. */
  read(name: BlobName): AsyncIterable<Uint8Array>;
  exists(name: BlobName): Promise<boolean>;
  /** Takes a finished local file in as a blob; the file is gone from where it was. */
  adopt(localFile: string, name: BlobName): Promise<void>;
  /** Puts the content of the blob at `scratchFile`, which does not exist yet and may only be read. */
  fetch(name: BlobName, scratchFile: string): Promise<void>;
  /** All blobs below a prefix, sorted. */
  list(prefix: BlobName): Promise<BlobName[]>;
  /** Removes all blobs below a prefix. */
  remove(prefix: BlobName): Promise<void>;
}

/**
 * @param url `file:///directory`, `s3://bucket/prefix` or `gs://bucket/prefix` (BACKHAUL_BLOBS)
 * @param silenceMs an object storage that says nothing for so long is not available
 */
export function openBlobs(url: string, silenceMs = SILENCE_MS): Blobs {
  if (!URL.canParse(url)) throw new BackhaulError('blobs_scheme_unknown', 'BACKHAUL_BLOBS is not a URL');
  return blobsOver(openStorage(new URL(url), silenceMs));
}

function openStorage(url: URL, silenceMs: number): Storage {
  switch (url.protocol) {
    case 'file:':
      return openDirectory(url);
    case 's3:':
      return openS3(url, silenceMs);
    case 'gs:':
      return openGcs(url, silenceMs);
    default:
      throw new BackhaulError('blobs_scheme_unknown', url.protocol);
  }
}

const faultCodes = {
  missing: 'snapshot_missing',
  refused: 'blobs_refused',
  unavailable: 'blobs_unavailable',
} as const satisfies Record<StorageFault, string>;

function blobsOver(storage: Storage): Blobs {
  const failureOf = async (name: BlobName, cause: unknown): Promise<BackhaulError> => {
    const fault = await storage.faultOf(cause, name).catch(() => 'unavailable' as const);
    return new BackhaulError(faultCodes[fault], `blob ${name}`, { cause });
  };
  const answered = async <T>(name: BlobName, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw await failureOf(name, error);
    }
  };
  const written = async <T>(name: BlobName, work: () => Promise<T>): Promise<T> => {
    try {
      return await answered(name, work);
    } catch (error) {
      // What is written is not missed.
      if (!(error instanceof BackhaulError) || error.code !== 'snapshot_missing') throw error;
      throw new BackhaulError('blobs_unavailable', `blob ${name}`, { cause: error.cause });
    }
  };
  return {
    put: (name, content) => written(name, () => storage.put(name, content)),
    get: (name) => answered(name, async () => Buffer.from(await storage.get(name))),
    async *read(name) {
      try {
        yield* await storage.read(name);
      } catch (error) {
        throw await failureOf(name, error);
      }
    },
    exists: (name) => written(name, () => storage.exists(name)),
    adopt: (localFile, name) => written(name, () => storage.adopt(localFile, name)),
    fetch: (name, scratchFile) => answered(name, () => storage.fetch(name, scratchFile)),
    list: (prefix) =>
      written(prefix, async () => {
        const names: BlobName[] = [];
        for await (const key of storage.list(prefix)) names.push(blobName(key));
        return names.sort();
      }),
    remove: (prefix) => written(prefix, () => storage.remove(prefix)),
  };
}
