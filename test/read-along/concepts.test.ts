import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { blocksOf } from '../support/pages.ts';
import { stepsOf } from '../support/page-steps.ts';
import { openReadersFolder, readAlong, type ReadersFolder } from '../support/read-along.ts';

const PAGE = 'docs/concepts.md';
const CHANGE = /psql "\$WAREHOUSE_URL" -c "(.+)"/;

let here: TestInstallation;
let desk: ReadersFolder;
beforeAll(async () => {
  [here, desk] = [await openInstallation(), await openReadersFolder()];
  await here.startWorker();
  await here.define({});
  await here.warehouse.query('create schema app');
  await here.warehouse.query('create table app.users (id integer, plan text, logins_30d integer)');
  await here.warehouse.query(
    "insert into app.users values (1, 'pro', 23), (2, 'free', 4), (3, null, 0), (null, 'free', 1)",
  );
});
afterAll(async () => {
  await here.close();
  await desk.close();
});

test('docs/concepts.md: rows become what the example says', async () => {
  const change = stepsOf(PAGE).flatMap(({ text }) => CHANGE.exec(text)?.[1] ?? []);
  expect(change).toHaveLength(1);
  const { notRun } = await readAlong(PAGE, {
    folder: desk.folder,
    env: here.env,
    ignores: /its user is a superuser and could write/,
    // What is not run here is done in its place.
    instead: async () => void (await here.warehouse.query(change[0] ?? '')),
  });
  expect(notRun.size).toBe(1);
  const shown = blocksOf(PAGE).find(({ language }) => language === 'json');
  expect(here.receiver.events().find(({ userId }) => userId === '3')).toMatchObject(
    JSON.parse(shown?.text ?? 'null') as Record<string, unknown>,
  );
  const traits = Object.fromEntries([...here.receiver.users()].map(([user, { traits }]) => [user, traits]));
  expect(traits).toEqual({
    1: { plan: 'pro', logins30d: 23 },
    2: { plan: 'pro', logins30d: 4 },
    3: { plan: null, logins30d: 0 },
    4: { plan: 'free', logins30d: 1 },
  });
  expect(here.receiver.counts().accepted).toBe(5);
});
