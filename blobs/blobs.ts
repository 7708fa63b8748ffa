import { rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Disk } from 'flydrive';
import type { DriverContract } from 'flydrive/types';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import { AtomicDirectory, directoryOf } from './atomic-directory.ts';

/**
 * Where snapshots, pages, batches and states rest. Names are `/`-separated; a blob is written once and whole.
 * A blob that is not there fails with `snapshot_missing`; storage that does not answer with `blobs_unavailable`.
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

/** @param url `file:///directory` (BACKHAUL_BLOBS). Object storage follows; other schemes are refused. */
export function openBlobs(url: string): Blobs {
  if (!URL.canParse(url)) throw new BackhaulError('blobs_scheme_unknown', 'BACKHAUL_BLOBS is not a URL');
  const parsed = new URL(url);
  switch (parsed.protocol) {
    case 'file:': {
      const directory = new AtomicDirectory(directoryOf(parsed));
      return blobsOver(directory, {
        adopt: (localFile, name) => directory.adopt(localFile, name),
        fetch: (name, scratchFile) => directory.link(name, scratchFile),
      });
    }
    case 's3:':
    case 'gs:':
      throw new BackhaulError(
        'not_available_yet',
        `blob storage ${parsed.protocol}//; use file:///directory`,
      );
    default:
      throw new BackhaulError('blobs_scheme_unknown', parsed.protocol);
  }
}

/** The interface over any flydrive driver; `shortcuts` are what a driver can do without copying bytes. */
export function blobsOver(
  driver: DriverContract,
  shortcuts: Partial<Pick<Blobs, 'adopt' | 'fetch'>> = {},
): Blobs {
  const disk = new Disk(driver);
  const answered = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw await failureOf(disk, name, error);
    }
  };
  return {
    put: (name, content) => written(name, () => disk.put(name, content)),
    get: (name) => answered(name, async () => Buffer.from(await disk.getBytes(name))),
    async *read(name) {
      try {
        for await (const piece of await disk.getStream(name)) yield piece as Uint8Array;
      } catch (error) {
        throw await failureOf(disk, name, error);
      }
    },
    exists: (name) => written(name, () => disk.exists(name)),
    async adopt(localFile, name) {
      const shortcut = shortcuts.adopt;
      await written(name, () => (shortcut ? shortcut(localFile, name) : disk.moveFromFs(localFile, name)));
      if (shortcut === undefined) await rm(localFile, { force: true });
    },
    fetch: (name, scratchFile) =>
      answered(name, async () => {
        if (shortcuts.fetch) return shortcuts.fetch(name, scratchFile);
        return pipeline(await disk.getStream(name), createWriteStream(scratchFile));
      }),
    async list(prefix) {
      const names: BlobName[] = [];
      let paginationToken: string | undefined;
      do {
        const page = await written(prefix, () =>
          disk.listAll(prefix, { recursive: true, ...(paginationToken && { paginationToken }) }),
        );
        for (const object of page.objects) {
          if (object.isFile && !object.key.endsWith('.part')) names.push(blobName(object.key));
        }
        paginationToken = page.paginationToken;
      } while (paginationToken);
      return names.sort();
    },
    remove: (prefix) => written(prefix, () => disk.deleteAll(prefix)),
  };
}

const failureOf = async (disk: Disk, name: string, cause: unknown): Promise<BackhaulError> =>
  new BackhaulError((await missing(disk, name)) ? 'snapshot_missing' : 'blobs_unavailable', `blob ${name}`, {
    cause,
  });

async function missing(disk: Disk, name: string): Promise<boolean> {
  return disk.exists(name).then(
    (exists) => !exists,
    () => false,
  );
}

async function written<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new BackhaulError('blobs_unavailable', `blob ${name}`, { cause: error });
  }
}
