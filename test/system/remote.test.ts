import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Run } from '../../vocabulary/run.ts';
import { Backhaul } from '../../client/index.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { backhaul, type CommandResult } from '../support/cli.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

let here: TestInstallation;
let run: Run;
const command = (...args: string[]): Promise<CommandResult> => backhaul(args, { env: here.env });

beforeAll(async () => {
  here = await openInstallation({ through: 'the HTTP API' });
  expect(here.env).not.toHaveProperty('BACKHAUL_DATABASE_URL');
  await here.startWorker();
  await here.warehouse.query(
    "create table people as select g as id, 'name ' || g as name from generate_series(1, 50) g",
  );
  await here.sync('people', 'select id as user_id, name from people');
});
afterAll(() => here.close());

it('a sync is run to its end by the command, with nothing but address and key', async () => {
  const { code, json } = await command('run', 'people', '--json');
  run = json() as Run;
  expect([code, run]).toMatchObject([0, { status: 'completed', messages: { accepted: 50 } }]);
  expect(Object.keys(run)).not.toContain('approval');
});

it('rows, one row and the history of its key come through it', async () => {
  expect((await command('rows', run.id, '--json')).json()).toHaveLength(50);
  const sent = await command('send', 'people', '--key', '7', '--json');
  expect([sent.code, sent.json()]).toMatchObject([
    0,
    { key: '7', outcome: 'accepted', answer: { status: 200 } },
  ]);
  expect((await command('history', 'people', '--key', '7', '--json')).json()).toMatchObject([
    { outcome: 'accepted' },
    { run: run.id, outcome: 'accepted' },
  ]);
});

it('checks, previews and recaps are made on a worker, and definitions are read', async () => {
  expect((await command('check', 'warehouse', 'segment', '--json')).json()).toMatchObject([
    { ok: true },
    { ok: true },
  ]);
  expect((await command('preview', 'people', '--limit', '1', '--json')).json()).toMatchObject({
    rows: [[expect.any(String), expect.any(String)]],
  });
  expect((await command('recap', 'people', '--json')).json()).toMatchObject({ rows: { unchanged: 50 } });
  expect((await command('export')).out).toContain('writeKey: ${SEGMENT_WRITE_KEY}');
});

it('errors keep their code, their words and their exit code', async () => {
  const unknown = await command('run', 'nobody', '--json');
  expect([unknown.code, unknown.json()]).toMatchObject([2, { error: { code: 'sync_not_found' } }]);
  const wrong = await backhaul(['runs', '--json'], { env: { ...here.env, BACKHAUL_API_KEY: 'bh_wrong' } });
  expect([wrong.code, wrong.json()]).toMatchObject([2, { error: { code: 'unauthenticated' } }]);
  const none = await backhaul(['runs', '--json'], { env: { ...here.env, BACKHAUL_API_KEY: '' } });
  expect([none.code, none.json()]).toMatchObject([2, { error: { code: 'api_key_missing' } }]);
  const migrate = await command('migrate', '--json');
  expect([migrate.code, migrate.json()]).toMatchObject([2, { error: { code: 'api_direct_only' } }]);
});

it('a run is followed on when the API is started anew', async () => {
  const own = await openInstallation();
  let api: TestApi | null = null;
  try {
    await own.startWorker();
    await own.warehouse.query(
      "create table people as select g::text as user_id, 'pro' as plan from generate_series(1, 20000) g",
    );
    await own.sync('slow', 'select user_id, plan from people', { lanes: 1 });
    api = await startApi(own);
    const remote = await Backhaul.connect({
      BACKHAUL_URL: api.url,
      BACKHAUL_API_KEY: await api.key('admin'),
    });
    const handle = await remote.syncs.run('slow');
    const ended = handle.result();
    const port = Number(new URL(api.url).port);
    await api.close();
    api = await startApi(own, { port });
    expect(await ended).toMatchObject({
      id: handle.id,
      status: 'completed',
      messages: { accepted: 20_000 },
    });
    await remote.close();
  } finally {
    await api?.close();
    await own.close();
  }
});
