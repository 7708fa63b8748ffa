import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boundLog } from './bounded-log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a log that grew too large begins anew, and the program that has it open goes on', async () => {
  const path = join(folder, 'worker.log');
  const program = await open(path, 'a');
  try {
    await program.write('much that was said\n');
    await boundLog(path, 10);
    await program.write('after\n');
    await boundLog(path, 10);
  } finally {
    await program.close();
  }
  expect(await readFile(path, 'utf8')).toBe('after\n');
  expect(await readFile(`${path}.1`, 'utf8')).toBe('much that was said\n');
});

test('a log that is not there yet is no fault', async () => {
  await boundLog(join(folder, 'none.log'));
});
