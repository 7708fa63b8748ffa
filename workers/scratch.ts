import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'backhaul-worker-';

/** A scratch folder of this process; what workers that are gone left behind is removed. */
export async function ownScratch(parent = tmpdir()): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(PREFIX)) continue;
    const pid = Number(entry.slice(PREFIX.length));
    if (pid === process.pid || !isAlive(pid)) await rm(join(parent, entry), { recursive: true, force: true });
  }
  const scratch = join(parent, `${PREFIX}${process.pid}`);
  await mkdir(scratch);
  return scratch;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
