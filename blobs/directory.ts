import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AtomicDirectory } from './atomic-directory.ts';
import type { Storage } from './storage.ts';

/** A directory that all workers share: `file:///directory`. */
export function openDirectory(url: URL): Storage {
  const directory = new AtomicDirectory(fileURLToPath(url).replace(/\/+$/, ''));
  return {
    put: (key, content) => directory.put(safe(key), content),
    // flydrive's own gives the memory around an empty file.
    get: (key) => readFile(directory.path(safe(key))),
    read: (key) => directory.getStream(safe(key)),
    exists: (key) => directory.exists(safe(key)),
    adopt: (localFile, key) => directory.adopt(localFile, safe(key)),
    fetch: (key, scratchFile) => directory.link(safe(key), scratchFile),
    // flydrive's own makes objects of names, and takes those of Hive's folders for broken ones.
    async *list(folder) {
      const root = directory.path('');
      const found = await readdir(directory.path(safe(folder)), {
        recursive: true,
        withFileTypes: true,
      }).catch(nothingThere);
      for (const entry of found) {
        const isBlob = entry.isFile() && !entry.name.endsWith('.part');
        if (isBlob) yield relative(root, join(entry.parentPath, entry.name));
      }
    },
    remove: (key) => directory.deleteAll(safe(key)),
    async faultOf(_, key) {
      return (await directory.exists(safe(key))) ? 'unavailable' : 'missing';
    },
  };
}

/** Hive's `name=value` folders are none of the names that flydrive's own check lets through; what may leave the root is refused here. */
function safe(key: string): string {
  const parts = key.split('/');
  if (!parts.includes('..') && !parts.includes('.') && !key.includes('\0')) return key;
  throw new Error('a name of a blob that leads elsewhere');
}

/** A folder that was never written to is one without blobs, as in any other storage. */
function nothingThere(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
