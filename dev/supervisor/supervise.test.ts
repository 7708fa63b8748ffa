import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSameProcess, type ProcessIdentity } from '../../definitions/process-identity.ts';
import { until } from '../../test/support/until.ts';
import type { Part } from './part.ts';
import { supervise, type Supervised } from './supervise.ts';

let folder: string;
let said: string[];
let named: (ProcessIdentity | null)[];
let supervised: Supervised & { started: Promise<void> };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-supervise-'));
  [said, named] = [[], []];
});
afterEach(async () => {
  await supervised.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a script of Node in the place of the worker. It is ready when it has written `ready`. */
const begin = (script: string): Part => {
  const log = join(folder, 'worker.log');
  const part: Part = {
    name: 'worker',
    program: { command: process.execPath, args: ['-e', script], env: {} },
    log,
    async ready(running) {
      await until(
        async () =>
          running.hasExited() || (await readFile(log, 'utf8')).includes(`ready ${running.identity?.pid}`),
      );
      if (running.hasExited()) throw new Error('ended');
    },
  };
  supervised = supervise(part, {
    report: (line) => void said.push(line),
    named: async (identity) => void named.push(identity),
  });
  return part;
};

const READY = "console.log('ready', process.pid);";

test('what ends again and again is said once with its log, and is tried on', async () => {
  const { log } = begin(`${READY} setTimeout(() => process.exit(7), 400)`);
  await supervised.started;
  await until(async () => said.filter((line) => line.includes('ended (exit 7)')).length >= 4);
  expect(said.filter((line) => line.includes(log))).toEqual([`It ends again and again; why is in ${log}`]);
  expect(said.join('\n')).toContain('in 2 s');
});

test('a part that cannot be started says where its log is', async () => {
  const { log } = begin('process.exit(3)');
  await expect(supervised.started).rejects.toMatchObject({
    code: 'dev_failed',
    action: expect.stringContaining(log),
  });
});

test('a part that ends while it first starts gets one more try', async () => {
  const marker = JSON.stringify(join(folder, 'tried'));
  begin(`const fs = require('fs');
    if (!fs.existsSync(${marker})) { fs.writeFileSync(${marker}, ''); process.exit(2); }
    setInterval(() => {}, 1000); ${READY}`);
  await supervised.started;
  expect(said).toEqual(['The worker ended while it started (exit 2): it is started again.']);
});

test('a part that is stopped while it waits to be started again stays stopped', async () => {
  begin(`${READY} setTimeout(() => process.exit(7), 400)`);
  await supervised.started;
  await until(async () => said.some((line) => line.includes('in 1 s')));
  await supervised.stop();
  const count = named.length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(named.length).toBe(count);
  expect(named.at(-1)).toBeNull();
});

test('a part that does not react to its signal is killed when a person will not wait', async () => {
  begin(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); ${READY}`);
  await supervised.started;
  const child = named[0];
  const hurry = new AbortController();
  setTimeout(() => hurry.abort(), 300);
  await supervised.stop(hurry.signal);
  expect(child && (await isSameProcess(child))).toBe(false);
});

test('a part that was stopped before it was ready leaves no process', async () => {
  begin('setInterval(() => {}, 1000)');
  await until(async () => named.length > 0);
  await supervised.stop();
  await expect(supervised.started).rejects.toBeDefined();
  const child = named[0];
  expect(child && (await isSameProcess(child))).toBe(false);
});
