import { expect, it } from '@jest/globals';
import { Backhaul } from '../../client/index.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { backhaul } from '../support/cli.ts';
import { openInstallation } from '../support/installation.ts';

it('a command without a key, or with one that proves nothing, is told so', async () => {
  const here = await openInstallation({ through: 'the HTTP API' });
  try {
    const withKey = (key: string) =>
      backhaul(['runs', '--json'], { env: { ...here.commandEnv, BACKHAUL_API_KEY: key } });
    const wrong = await withKey('bh_wrong');
    expect([wrong.code, wrong.json()]).toMatchObject([2, { error: { code: 'unauthenticated' } }]);
    const none = await withKey('');
    expect([none.code, none.json()]).toMatchObject([2, { error: { code: 'api_key_missing' } }]);
  } finally {
    await here.close();
  }
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
