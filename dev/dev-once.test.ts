import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../client/index.ts';
import { openDevHome, type DevHome } from '../test/support/dev-process.ts';
import { freshDatabase, type TestDatabase } from '../test/support/postgres.ts';
import { startReceiver, type Receiver } from './receiver/receiver.ts';

let home: DevHome;
let warehouse: TestDatabase;
let receiver: Receiver;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  [home, warehouse, receiver] = [await openDevHome(), await freshDatabase(), await startReceiver()];
  await warehouse.query('create table users (id int, email text)');
  await warehouse.query("insert into users select n, n || '@example.com' from generate_series(1, 3) n");
  env = { WAREHOUSE_URL: warehouse.url, SEGMENT_WRITE_KEY: 'planted-write-key' };
});
afterAll(async () => {
  await home.close();
  await receiver.close();
  await warehouse.drop();
});
beforeEach(() => rm(join(home.folder, 'backhaul.yaml'), { force: true }));

const definitions = (syncs: Record<string, string>): string =>
  JSON.stringify({
    version: 1,
    connections: {
      warehouse: { type: 'postgres', url: '${WAREHOUSE_URL}' },
      segment: { type: 'segment', writeKey: '${SEGMENT_WRITE_KEY}', trackingUrl: receiver.url },
    },
    models: Object.fromEntries(
      Object.entries(syncs).map(([name, sql]) => [name, { connection: 'warehouse', sql }]),
    ),
    syncs: Object.fromEntries(
      Object.keys(syncs).map((name) => [
        name,
        { model: name, destination: 'segment', key: { from: 'id', to: 'userId' }, properties: 'all' },
      ]),
    ),
  });

test('--once applies ./backhaul.yaml, runs every sync once, prints the runs and stops', async () => {
  await writeFile(join(home.folder, 'backhaul.yaml'), definitions({ users: 'select id, email from users' }));
  const dev = home.start(['--once', '--json'], env);

  expect(await dev.exited).toBe(0);
  const runs = JSON.parse(dev.printed()) as Run[];
  expect(runs).toMatchObject([{ sync: 'users', status: 'completed', messages: { accepted: 3 } }]);
  expect([...receiver.users().keys()].sort()).toEqual(['1', '2', '3']);
  expect(dev.said()).not.toContain('planted-write-key');
  expect(dev.said()).not.toContain('HTTP API');
  expect(await home.processes()).toEqual([]);
});

test('--once exits with 1 when a run failed, and runs the others all the same', async () => {
  const path = join(home.folder, 'more.yaml');
  await writeFile(
    path,
    definitions({ broken: 'select id from nowhere', users: 'select id, email from users' }),
  );
  const dev = home.start(['--once', path], env);

  expect(await dev.exited).toBe(1);
  expect(dev.printed()).toContain('broken run 1: failed');
  expect(dev.printed()).toContain('users run 2: completed');
  expect(dev.printed()).toContain('3 unchanged');
  expect(await home.processes()).toEqual([]);
});

test('faulty definitions are told before anything is started', async () => {
  await writeFile(join(home.folder, 'backhaul.yaml'), 'version: 1\nsyncs: { users: { model: nothing } }\n');
  const dev = home.start([], env);

  expect(await dev.exited).toBe(3);
  expect(dev.said()).toContain('backhaul.yaml:2');
  expect(dev.said()).not.toContain('is starting');
});

test('--once without definitions is refused', async () => {
  const dev = home.start(['--once'], env);

  expect(await dev.exited).toBe(3);
  expect(dev.said()).toContain('definitions_not_found');
  expect(dev.said()).not.toContain('is starting');
});
