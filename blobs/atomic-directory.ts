import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FSDriver } from 'flydrive/drivers/fs';

/**
 * flydrive's directory driver writes in place, so a reader could see half a blob and a crash could leave one.
 * Here a blob appears under its name whole, flushed to disk, or not at all.
 */
export class AtomicDirectory extends FSDriver {
  readonly #root: string;

  constructor(root: string) {
    super({ location: root, visibility: 'private' });
    this.#root = root;
  }

  path(key: string): string {
    return `${this.#root}/${key}`;
  }

  override async put(key: string, contents: string | Uint8Array): Promise<void> {
    await this.#replace(key, async (temporary) => {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(contents);
        await file.sync();
      } finally {
        await file.close();
      }
    });
  }

  override async putStream(key: string, contents: Parameters<FSDriver['putStream']>[1]): Promise<void> {
    await this.#replace(key, async (temporary) => {
      const file = await open(temporary, 'wx');
      await pipeline(contents, file.createWriteStream({ flush: true }));
    });
  }

  /** Takes a finished local file in as a blob: a rename where the disk is the same. */
  async adopt(localFile: string, key: string): Promise<void> {
    await this.#replace(key, async (temporary) => {
      await rename(localFile, temporary).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EXDEV') throw error;
        await copyFile(localFile, temporary, constants.COPYFILE_EXCL);
        await rm(localFile);
      });
      const file = await open(temporary, 'r+');
      try {
        await file.datasync();
      } finally {
        await file.close();
      }
    });
  }

  /** Blobs are never changed in place, so a second name for the same file is as good as a copy. */
  async link(key: string, localFile: string): Promise<void> {
    await link(this.path(key), localFile).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV' && error.code !== 'EPERM') throw error;
      await copyFile(this.path(key), localFile, constants.COPYFILE_EXCL);
    });
  }

  async #replace(key: string, write: (temporary: string) => Promise<void>): Promise<void> {
    const target = this.path(key);
    const temporary = `${target}.${randomUUID()}.part`;
    await mkdir(dirname(target), { recursive: true });
    try {
      await write(temporary);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}
