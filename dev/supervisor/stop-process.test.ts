import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identifyProcess, isSameProcess, type ProcessIdentity } from '../../definitions/process-identity.ts';
import { findProcesses, findProcessesIn } from './find-processes.ts';
import { stopProcess } from './stop-process.ts';

/** A process that says when it is there. */
const begin = async (script: string, mark = 'mark'): Promise<ProcessIdentity> => {
  const child = spawn(process.execPath, [
    '-e',
    `${script}; setInterval(() => {}, 1000); console.log('there')`,
    '--',
    mark,
  ]);
  await once(child.stdout, 'data');
  const identity = await identifyProcess(child.pid ?? 0);
  if (identity === null) throw new Error('it did not start');
  return identity;
};

test('a process that takes its signal is given the time for it', async () => {
  const identity = await begin("process.on('SIGTERM', () => setTimeout(() => process.exit(), 200))");
  expect(await stopProcess(identity, [{ signal: 'SIGTERM', graceMs: 10_000 }])).toBe(true);
});

test('a process that ignores its signal is killed when its time is over', async () => {
  const identity = await begin("process.on('SIGTERM', () => {})");
  expect(await stopProcess(identity, [{ signal: 'SIGTERM', graceMs: 300 }])).toBe(true);
});

test('another process that has got the id of one that is gone is left alone', async () => {
  const identity = await begin('');
  expect(
    await stopProcess({ ...identity, startedAt: 'earlier' }, [{ signal: 'SIGKILL', graceMs: 300 }]),
  ).toBe(true);
  expect(await isSameProcess(identity)).toBe(true);
  await stopProcess(identity, []);
});

test('a process is found by whole arguments that follow each other', async () => {
  const mark = `--home=/tmp/${process.pid} with a space`;
  const identity = await begin('', mark);
  try {
    expect(await findProcesses(['--', mark])).toEqual([identity]);
    expect(await findProcesses([mark.slice(0, -1)])).toEqual([]);
    expect(await findProcesses([mark, '--'])).toEqual([]);
  } finally {
    await stopProcess(identity, []);
  }
});

test('a shell in the folder of a server is not taken for a session of that server', async () => {
  const identity = await begin('');
  const here = process.cwd();
  expect(await findProcessesIn(here, 'postgres: ')).toEqual([]);
  if (process.platform === 'linux')
    expect(await findProcessesIn(here, process.execPath)).toContainEqual(identity);
  await stopProcess(identity, []);
});
