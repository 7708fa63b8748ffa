import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startReceiver, type Receiver } from '../../dev/receiver/receiver.ts';
import { openDevHome, type DevHome } from '../support/dev-process.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { readAlong } from '../support/read-along.ts';

const WRITE_KEY = 'planted-write-key'.padEnd(32, '0');

let home: DevHome;
let warehouse: TestDatabase;
let receiver: Receiver;
beforeAll(async () => {
  [home, warehouse, receiver] = [await openDevHome(), await freshDatabase(), await startReceiver()];
  await warehouse.query('create schema app');
  await warehouse.query(
    `create table app.users as
     select n as id, n || '@example.com' as email, 'pro' as plan, n % 30 as logins_30d from generate_series(1, 500) n`,
  );
});
afterAll(async () => {
  await home.close();
  await receiver.close();
  await warehouse.drop();
});

test('README.md: every command and the program do what it says, on a `backhaul dev` of their own', async () => {
  const { notRun, ran } = await readAlong('README.md', {
    folder: home.folder,
    env: home.env,
    puts: [
      ['postgres://reader:…@host:5432/app', warehouse.url],
      ['SEGMENT_WRITE_KEY=…', `SEGMENT_WRITE_KEY=${WRITE_KEY}`],
      ["'${SEGMENT_WRITE_KEY}' }", `'\${SEGMENT_WRITE_KEY}', trackingUrl: ${receiver.url} }`],
    ],
  });
  expect(ran).toHaveLength(5);
  expect(notRun.size).toBe(2);
  // Once by the command, and the program found nothing that had changed.
  expect(receiver.users().size).toBe(500);
  expect(receiver.counts().accepted).toBe(500);
  expect(receiver.users().get('7')?.traits).toEqual({
    email: '7@example.com',
    plan: 'pro',
    loginsLast30Days: 7,
  });
  expect(await home.processes()).toEqual([]);
});
