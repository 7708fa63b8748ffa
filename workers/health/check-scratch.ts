import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

/** The scratch folder is there and takes a file. */
export async function checkScratch(scratch: string): Promise<void> {
  const file = join(scratch, `health-${randomUUID()}`);
  try {
    await writeFile(file, 'health');
    await rm(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BackhaulError(code === 'ENOSPC' ? 'scratch_full' : 'scratch_unwritable', code, {
      cause: error,
    });
  }
}
