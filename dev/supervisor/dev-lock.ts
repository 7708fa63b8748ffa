import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, isSameProcess, type ProcessIdentity } from '../../definitions/process-identity.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

export interface HomeClaim {
  holder: ProcessIdentity;
  release(): Promise<void>;
}

/** Longer than any other start takes from seeing a dead holder to taking its place. */
const SETTLE_MS = 250;

let claims = 0;

/**
 * Takes a home for this process, which must be the only supervisor on it. The claim ends with the process, in
 * whatever way that ends.
 *
 * @throws dev_already_running
 */
export const claimHome = async (home: string): Promise<HomeClaim> => {
  const holder = await identifyProcess(process.pid);
  if (holder === null)
    throw new BackhaulError('dev_failed', 'this process cannot be seen in the process list');
  const path = join(home, 'dev.lock');
  // One process may try it twice, too.
  const claim = claims++;
  const text = JSON.stringify({ ...holder, claim });
  const draft = `${path}.${process.pid}-${claim}`;
  await writeFile(draft, text);
  try {
    // Unlike a rename, a link never replaces.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await refuseWhenHeld(path);
    // Two starts may both have seen that the holder is dead: the last to write is the one that goes on.
    await rename(draft, path);
    await sleep(SETTLE_MS);
    if ((await readFile(path, 'utf8').catch(() => '')) !== text) throw await running(path);
  } finally {
    await rm(draft, { force: true });
  }
  return {
    holder,
    async release() {
      if ((await readFile(path, 'utf8').catch(() => '')) === text) await rm(path, { force: true });
    },
  };
};

const refuseWhenHeld = async (path: string): Promise<void> => {
  const held = await readHolder(path);
  if (held !== null && (await isSameProcess(held))) throw await running(path);
};

const running = async (path: string): Promise<BackhaulError> => {
  const held = await readHolder(path);
  return new BackhaulError('dev_already_running', held === null ? path : `process ${held.pid}`);
};

const readHolder = async (path: string): Promise<ProcessIdentity | null> => {
  try {
    const { pid, startedAt } = JSON.parse(await readFile(path, 'utf8')) as Partial<ProcessIdentity>;
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : null;
  } catch {
    return null;
  }
};
