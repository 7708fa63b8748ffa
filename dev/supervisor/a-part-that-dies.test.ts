import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { readDevFile, type DevFile } from '../../definitions/dev-file.ts';
import { leaveMarks, MARKS, pollersOf, postgresMark, temporalMark } from '../../test/support/dev-marks.ts';
import { kill, openDevHome, type DevHome, type DevProcess } from '../../test/support/dev-process.ts';
import { until } from '../../test/support/until.ts';
import type { PartName } from './part.ts';

let home: DevHome;
let dev: DevProcess;
let file: DevFile;
beforeAll(async () => {
  home = await openDevHome();
  ({ dev, file } = await home.startReady());
  await leaveMarks(file);
});
afterAll(() => home.close());

const killPart = async (name: PartName): Promise<number> => {
  const pid = (await readDevFile(home.home))?.children[name]?.pid;
  if (pid === undefined) throw new Error(`${name} does not run`);
  kill(pid);
  return until(async () => {
    const now = (await readDevFile(home.home))?.children[name]?.pid;
    return now === pid ? null : now;
  });
};

const workerAnswers = (): Promise<true> =>
  until(async () => {
    const pid = (await readDevFile(home.home))?.children.worker?.pid;
    return (await pollersOf(file, 'backhaul')).some((identity) => identity.startsWith(`${pid}@`)) && true;
  });

test('PostgreSQL is back on its data after kill -9', async () => {
  await killPart('postgres');
  expect(await until(() => postgresMark(file))).toEqual(MARKS.postgres);
  await until(async () => dev.said().includes('PostgreSQL is back'));
  expect(dev.said()).toContain('PostgreSQL ended (SIGKILL): it is started again');
});

test('PostgreSQL is back while a session of the killed server still computes', async () => {
  const client = new pg.Client({ connectionString: file.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  client.query('select count(*) from generate_series(1, 1000000000000)').catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await killPart('postgres');
  expect(await until(() => postgresMark(file))).toEqual(MARKS.postgres);
  await client.end().catch(() => undefined);
});

test('Temporal is back on its data after kill -9, and the worker works on', async () => {
  await killPart('temporal');
  expect(await until(() => temporalMark(file))).toEqual(MARKS.temporal);
  await until(async () => dev.said().includes('Temporal is back'));
  await workerAnswers();
});

test('the worker is back after kill -9', async () => {
  await killPart('worker');
  await until(async () => dev.said().includes('The worker is back'));
  await workerAnswers();
});

test('the HTTP API is back after kill -9, at the same address', async () => {
  await killPart('api');
  await until(async () => dev.said().includes('The HTTP API is back'));
  expect(dev.said()).toContain('The HTTP API ended (SIGKILL): it is started again');
  expect(await (await fetch(`${file.apiUrl}/readyz`)).json()).toMatchObject({ ready: true });
});

test('Ctrl-C then stops everything, and the last children are no longer named', async () => {
  dev.kill('SIGINT');
  expect(await dev.exited).toBe(130);
  expect(await home.processes()).toEqual([]);
  expect(await readDevFile(home.home)).toBeNull();
});
