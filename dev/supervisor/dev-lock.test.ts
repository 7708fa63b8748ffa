import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimHome } from './dev-lock.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'backhaul-lock-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('a home that is claimed is refused until it is released', async () => {
  const claim = await claimHome(home);
  await expect(claimHome(home)).rejects.toMatchObject({ code: 'dev_already_running' });
  await claim.release();
  await (await claimHome(home)).release();
  expect(await readdir(home)).toEqual([]);
});

test.each([
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'boot/1' })],
  ['another process of that id', JSON.stringify({ pid: process.pid, startedAt: 'boot/1' })],
  ['nobody', 'half a fi'],
])('a claim of %s does not count', async (_, left) => {
  await writeFile(join(home, 'dev.lock'), left);
  await (await claimHome(home)).release();
});

test.each([true, false])(
  'of many starts at once one goes on (after a killed one: %s)',
  async (afterKilled) => {
    if (afterKilled)
      await writeFile(join(home, 'dev.lock'), JSON.stringify({ pid: process.pid, startedAt: 'boot/1' }));
    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => claimHome(home)));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  },
);
