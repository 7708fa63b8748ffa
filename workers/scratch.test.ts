import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ownScratch } from './scratch.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'backhaul-scratch-'));
  // As the system's folder for temporary files is.
  await chmod(parent, 0o1777);
});
afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

/** The id of a process that is gone. */
async function pidOfTheDead(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

const NOBODY = 65_534;
/** Root may remove anything. */
async function withoutRights<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

it('the scratch of a worker is for nobody else to look into, and so is a folder that it makes for it', async () => {
  const made = join(parent, 'made');
  for (const folder of [await ownScratch(made), made]) expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

it('what workers that are gone left behind is removed, and nothing else', async () => {
  const gone = await pidOfTheDead();
  const kept = [`backhaul-worker-${process.ppid}`, 'backhaul-worker-of-mine', 'other'];
  for (const name of [`backhaul-worker-${gone}`, `backhaul-worker-${gone}-aB3dE9`, ...kept])
    await mkdir(join(parent, name));
  const scratch = await ownScratch(parent);
  const left = await readdir(parent);
  expect(left.map((name) => join(parent, name)).filter((path) => path !== scratch)).toHaveLength(3);
  expect(left).toEqual(expect.arrayContaining(kept));
});

it('a worker begins beside a folder that it may not remove, also one that has the name it would have had', async () => {
  const foreign = [`backhaul-worker-${await pidOfTheDead()}`, `backhaul-worker-${process.pid}`];
  for (const name of foreign) {
    await mkdir(join(parent, name));
    await writeFile(join(parent, name, 'file'), '');
    await chmod(join(parent, name), 0o000);
  }
  const scratch = await withoutRights(() => ownScratch(parent));
  expect(await readdir(parent)).toEqual(expect.arrayContaining(foreign));
  await rm(scratch, { recursive: true });
  for (const name of foreign) await chmod(join(parent, name), 0o700);
});
