import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Backhaul } from '../../client/index.ts';
import { startNginx, type Nginx } from '../standins/nginx/start-nginx.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { allEvents, readEvents } from '../support/read-events.ts';

let here: TestInstallation;
let api: TestApi;
let nginx: Nginx | null;
beforeAll(async () => {
  here = await openInstallation();
  await here.startWorker();
  await here.warehouse.query(
    "create table people as select 'user-' || n as user_id, 'pro' as plan from generate_series(1, 500) n",
  );
  await here.sync('people', 'select user_id, plan from people');
  api = await startApi(here);
  nginx = await startOrSkip('events behind a proxy', () => startNginx(api.url));
});
afterAll(async () => {
  await nginx?.close();
  await api.close();
  await here.close();
});

const events = async (proxy: Nginx, id: string, lastEventId = ''): Promise<Response> =>
  fetch(`${proxy.url}/v1/runs/${id}/events`, {
    headers: {
      authorization: `Bearer ${await api.key('viewer')}`,
      ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
    },
  });

it('events come through an nginx that buffers and packs while the run goes on, and go on after a cut', async () => {
  if (nginx === null) return;
  const held = holdAnswers(here.receiver);
  const handle = await here.backhaul.syncs.run('people');
  await held.asked;
  const response = await events(nginx, handle.id);
  expect(response.headers.get('cache-control')).toContain('no-transform');
  const stream = readEvents(response);
  const first = await stream.next();
  expect(first.value).toMatchObject({ run: { id: handle.id, status: 'working' } });
  expect((await stream.next()).value).toMatchObject({ run: { status: 'working' } });
  await stream.return(undefined);

  const again = readEvents(await events(nginx, handle.id, first.value?.id));
  expect((await again.next()).value).toMatchObject({ run: { status: 'working' } });
  held.letGo();
  const last = (await allEvents(again)).at(-1);
  expect(last?.run).toMatchObject({ id: handle.id, status: 'completed', messages: { accepted: 500 } });

  // Who has seen the end is told that there is no more, so that a browser does not come again.
  const seen = await events(nginx, handle.id, last?.id);
  expect([seen.status, await seen.text()]).toEqual([204, '']);
  expect(await allEvents(readEvents(await events(nginx, handle.id, first.value?.id)))).toEqual([last]);
});

it('the library follows a run through it', async () => {
  if (nginx === null) return;
  const remote = await Backhaul.connect({
    BACKHAUL_URL: nginx.url,
    BACKHAUL_API_KEY: await api.key('operator'),
  });
  try {
    const run = await (await remote.syncs.run('people', { full: true })).result();
    expect(run).toMatchObject({ status: 'completed', messages: { accepted: 500 } });
  } finally {
    await remote.close();
  }
});
