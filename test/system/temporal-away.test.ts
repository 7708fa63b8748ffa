import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Backhaul } from '../../client/index.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { backhaul } from '../support/cli.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

/** The SDK tries for some 20 s before it says that Temporal is away. */
const PATIENCE_MS = 240_000;

let here: TestInstallation;
let temporal: TcpProxy;
/** Of what loses its Temporal; the worker keeps it. */
let env: NodeJS.ProcessEnv;
let api: TestApi;
beforeEach(async () => {
  here = await openInstallation();
  await here.startWorker();
  await here.warehouse.query("create table people as select 'user-1' as user_id, 'pro' as plan");
  await here.sync('people', 'select user_id, plan from people');
  temporal = await startTcpProxy(Number((here.env.TEMPORAL_ADDRESS ?? '').split(':')[1]));
  env = { ...here.env, TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}` };
  api = await startApi({ backhaul: here.backhaul, env });
});
afterEach(async () => {
  await api.close();
  await temporal.close();
  await here.close();
});

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

it(
  'while Temporal is away it is said so, and a command that follows a run goes on when it is back',
  async () => {
    const library = await Backhaul.connect(env);
    const held = holdAnswers(here.receiver);
    const followed = backhaul(['run', 'people', '--json'], {
      env: {
        PATH: process.env.PATH,
        HOME: here.env.HOME,
        BACKHAUL_URL: api.url,
        BACKHAUL_API_KEY: await api.key('operator'),
      },
    });
    await held.asked;
    const [{ id } = { id: '' }] = await here.backhaul.runs.list({ sync: 'people' });
    const handle = await library.runs.handle(id);
    const stream = await api.fetch(`/v1/runs/${id}/events`);

    temporal.answers('cut');
    const [events, answer, ...failures] = await Promise.all([
      stream.text(),
      api.fetch(`/v1/runs/${id}`),
      failure(handle.result()),
      failure(library.runs.get(id)),
      failure(library.syncs.run('people')),
    ]);
    expect(events).toMatch(/event: error\ndata: .*"code":"temporal_unreachable"/);
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
      503,
      '1',
      { code: 'temporal_unreachable' },
    ]);
    expect(failures).toMatchObject(Array(3).fill({ code: 'temporal_unreachable' }));

    temporal.answers('pass');
    held.letGo();
    const { code, err, json } = await followed;
    expect([code, json(), err]).toMatchObject([0, { id, status: 'completed' }, expect.any(String)]);
    expect(await library.runs.get(id)).toMatchObject({ status: 'completed' });
    await library.close();
  },
  PATIENCE_MS,
);

it(
  'a program that closes its connection while a call is tried again goes on',
  async () => {
    const library = await Backhaul.connect(env);
    temporal.answers('cut');
    const asked = failure(library.syncs.run('people'));
    // Its first tries have failed by then.
    await delay(2000);
    await library.close();
    expect(await asked).toMatchObject({ code: 'temporal_unreachable' });
  },
  PATIENCE_MS,
);
