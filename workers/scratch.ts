import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'backhaul-worker-';
/** Values of rows are in it: for the worker's own user alone. */
const OWN = 0o700;

/**
 * A scratch folder of this process, which nobody else may look into; what workers that are gone left behind is removed. The system's
 * folder for temporary files is everybody's: its name is not to be foreseen, and what belongs to others stays.
 */
export async function ownScratch(parent = tmpdir()): Promise<string> {
  await mkdir(parent, { recursive: true, mode: OWN });
  for (const entry of await readdir(parent)) {
    const pid = pidOf(entry);
    if (pid === null || (pid !== process.pid && isAlive(pid))) continue;
    await removeUnlessForeign(join(parent, entry));
  }
  return mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
}

function pidOf(entry: string): number | null {
  const digits = new RegExp(`^${PREFIX}(\\d+)(-\\w+)?$`).exec(entry)?.[1];
  return digits === undefined ? null : Number(digits);
}

async function removeUnlessForeign(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'EACCES') throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
