import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** Records on the local disk. */
export interface ScratchFile {
  append(record: string): Promise<void>;
  /** All of them, in the order in which they came. */
  records(): AsyncGenerator<string>;
  close(): Promise<void>;
}

/** A file that has no name: it is gone with its worker, however that ends. */
export async function openScratchFile(folder: string): Promise<ScratchFile> {
  const path = join(folder, `backhaul-sheet-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  const lengths: number[] = [];
  let closed = false;
  return {
    async append(record) {
      const bytes = Buffer.from(record, 'utf8');
      try {
        await file.appendFile(bytes);
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'ENOSPC'
          ? new BackhaulError('scratch_full', '', { cause: error })
          : error;
      }
      lengths.push(bytes.length);
    },
    async *records() {
      let position = 0;
      for (const length of lengths) {
        const bytes = Buffer.allocUnsafe(length);
        await file.read(bytes, 0, length, position);
        position += length;
        yield bytes.toString('utf8');
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await file.close();
    },
  };
}
