import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../dev/free-port.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { findTool } from '../standins/find-tool.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { openReadersFolder, readAlong, type ReadersFolder } from '../support/read-along.ts';

const PAGE = 'docs/api.md';
const jq = await startOrSkip(PAGE, () => findTool('jq'));

let here: TestInstallation;
let desk: ReadersFolder;
let port: number;
beforeAll(async () => {
  port = await freePort();
  here = await openInstallation({ env: { BACKHAUL_PORT: `${port}` } });
  desk = await openReadersFolder();
  await here.startWorker();
  await here.warehouse.query('create schema app');
  await here.warehouse.query('create table app.users (user_id text, plan text)');
  await here.warehouse.query("insert into app.users values ('1', 'pro'), ('2', 'free'), (null, 'free')");
  await here.sync('users', 'select user_id, plan from app.users');
});
afterAll(async () => {
  await here.close();
  await desk.close();
});

(jq === null ? test.skip : test)('docs/api.md: every request gets the answer that it shows', async () => {
  const { notRun } = await readAlong(PAGE, {
    folder: desk.folder,
    env: here.env,
    puts: [['http://127.0.0.1:8420', `http://127.0.0.1:${port}`]],
  });
  expect(notRun).toEqual(new Map());
  // Once by the requests, of which the second repeated the first, and once by the command.
  expect(
    (await here.backhaul.runs.list()).map(({ messages, status }) => [status, messages.accepted]),
  ).toEqual([
    ['completed', 0],
    ['completed', 2],
  ]);
  expect([...here.receiver.users().keys()].sort()).toEqual(['1', '2']);
});
