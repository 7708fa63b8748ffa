import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startPublicApi } from '../standins/segment-public-api/public-api-server.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';
import { openReadersFolder, readAlong, type ReadersFolder } from '../support/read-along.ts';

const TOKEN = 'sgp_planted-token';
const publicApi = await startPublicApi({
  slug: 'acme',
  tokens: [{ token: TOKEN, admin: 'all' }],
  sources: [
    { id: 'id-users', slug: 'users', writeKeys: [WRITE_KEY] },
    { id: 'id-web', slug: 'website', categories: ['Website'], writeKeys: ['W'.repeat(32)] },
  ],
});

let here: TestInstallation;
let desk: ReadersFolder;
beforeAll(async () => {
  here = await openInstallation({
    receiver: { writeKeys: [WRITE_KEY] },
    env: {
      BACKHAUL_ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
      BACKHAUL_ALLOWED_ENDPOINTS: publicApi.url,
      SEGMENT_TOKEN: TOKEN,
    },
  });
  desk = await openReadersFolder();
  await here.startWorker();
  await here.warehouse.query('create schema app');
  await here.warehouse.query(
    `create table app.users (id integer, email text, full_name text, plan text, logins_30d integer, created_at timestamptz)`,
  );
  await here.warehouse.query(
    `insert into app.users values
     (1, 'ada@example.com', 'Ada Byron', 'pro', 23, '2025-01-10T09:00:00Z'),
     (2, 'alan@example.com', 'Alan Turing', 'free', 4, '2025-03-02T10:30:00Z'),
     (3, 'grace@example.com', 'Grace Hopper', 'pro', 11, '2025-04-21T08:15:00Z'),
     (null, 'nobody@example.com', 'Nobody', null, 0, '2025-06-20T16:45:00Z')`,
  );
  await writeFile(join(desk.folder, 'segment-token.txt'), `${TOKEN}\n`);
  await writeFile(join(desk.folder, 'warehouse-url.txt'), `${here.warehouse.url}\n`);
});
afterAll(async () => {
  await here.close();
  await publicApi.close();
  await desk.close();
});

test('docs/segment.md: the four steps do what the page says, at the command line and in code', async () => {
  const hosts = `--set publicApiUrl=${publicApi.url} --set trackingUrl=${here.receiver.url}`;
  const { notRun } = await readAlong('docs/segment.md', {
    folder: desk.folder,
    env: here.env,
    ignores: /its user is a superuser and could write/,
    puts: [
      // What the terminal would be asked for.
      ['npx backhaul connect segment\n', 'npx backhaul connect segment --token-stdin < segment-token.txt\n'],
      ['connect segment --token-stdin', `connect segment ${hosts} --token-stdin`],
      [
        "source: 'users',",
        `source: 'users', publicApiUrl: '${publicApi.url}', trackingUrl: '${here.receiver.url}',`,
      ],
    ],
  });
  expect(notRun).toEqual(new Map());
  expect([...here.receiver.users().keys()].sort()).toEqual(['1', '2', '3', 'backhaul-test-user']);
});
