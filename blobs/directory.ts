import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Disk } from 'flydrive';
import { AtomicDirectory } from './atomic-directory.ts';
import type { Storage } from './storage.ts';

/** A directory that all workers share: `file:///directory`. */
export function openDirectory(url: URL): Storage {
  const directory = new AtomicDirectory(fileURLToPath(url).replace(/\/+$/, ''));
  const disk = new Disk(directory);
  return {
    put: (key, content) => disk.put(key, content),
    // flydrive's own gives the memory around an empty file.
    get: (key) => readFile(directory.path(key)),
    read: (key) => disk.getStream(key),
    exists: (key) => disk.exists(key),
    adopt: (localFile, key) => directory.adopt(localFile, key),
    fetch: (key, scratchFile) => directory.link(key, scratchFile),
    async *list(folder) {
      let paginationToken: string | undefined;
      do {
        const page = await disk.listAll(folder, {
          recursive: true,
          ...(paginationToken && { paginationToken }),
        });
        for (const object of page.objects) {
          if (object.isFile && !object.key.endsWith('.part')) yield object.key;
        }
        paginationToken = page.paginationToken;
      } while (paginationToken);
    },
    remove: (key) => disk.deleteAll(key),
    async faultOf(_, key) {
      return (await disk.exists(key)) ? 'unavailable' : 'missing';
    },
  };
}
