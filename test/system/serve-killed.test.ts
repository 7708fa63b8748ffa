import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startServe, type ServeProcess } from '../../bench/serve-process.ts';
import { freePort } from '../../dev/free-port.ts';
import type { Run } from '../../vocabulary/run.ts';
import { backhaul, type CommandResult } from '../support/cli.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { allEvents, readEvents } from '../support/read-events.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { BACKHAUL } from '../support/worker-process.ts';

const ROWS = 5000;
const PATIENCE_MS = 240_000;
/** A command takes its time to start on a machine that has much to do. */
const COMMAND_STARTS_MS = 90_000;

let here: TestInstallation;
let serve: ServeProcess;
let started: ServeProcess[] = [];
let proxies: TcpProxy[] = [];
let key: string;
let port: number;
beforeEach(async () => {
  here = await openInstallation();
  await here.startWorker();
  await here.warehouse.query(
    `create table people as select 'user-' || n as user_id, 'pro' as plan from generate_series(1, ${ROWS}) n`,
  );
  await here.sync('people', 'select user_id, plan from people', { lanes: 1 });
  key = (await here.backhaul.keys.create({ name: 'test', role: 'operator' })).text;
  port = await freePort();
});
afterEach(async () => {
  await Promise.all(started.map((one) => one.stop()));
  started = [];
  await Promise.all(proxies.map((proxy) => proxy.close()));
  proxies = [];
  await here.close();
});

async function start(env: NodeJS.ProcessEnv = {}): Promise<ServeProcess> {
  const one = await startServe(BACKHAUL, { ...here.env, BACKHAUL_PORT: String(port), ...env });
  started.push(one);
  return one;
}
async function proxyTo(to: number): Promise<TcpProxy> {
  const proxy = await startTcpProxy(to);
  proxies.push(proxy);
  return proxy;
}
async function startAnew(): Promise<void> {
  serve.kill('SIGKILL');
  expect(await serve.exited).toBe('SIGKILL');
  serve = await start();
}
const runPeople = (by: number): Promise<CommandResult> => command(by, 'run', 'people');
const command = (by: number, ...words: string[]): Promise<CommandResult> =>
  backhaul([...words, '--json'], {
    env: {
      PATH: process.env.PATH,
      HOME: here.env.HOME,
      BACKHAUL_URL: `http://127.0.0.1:${by}`,
      BACKHAUL_API_KEY: key,
    },
  });
const events = async (id: string, lastEventId?: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/v1/runs/${id}/events`, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
  });
const workflow = () => here.temporal.workflow.getHandle(`${here.env.BACKHAUL_INSTALLATION}/sync/people`);
const runs = (): Promise<Run[]> => here.backhaul.runs.list({ sync: 'people' });

async function expectOneRun(id: string): Promise<void> {
  expect(await runs()).toMatchObject([{ id, number: 1, status: 'completed', messages: { accepted: ROWS } }]);
  expect((await workflow().describe()).raw.workflowExecutionInfo?.firstRunId).toBe(id);
  expect(here.receiver.users().size).toBe(ROWS);
  expect(here.receiver.counts()).toMatchObject({ accepted: ROWS, duplicates: 0 });
}

it(
  'kill -9 of serve amid a run touches no run: the command goes on when it is back, and so does a stream of events',
  async () => {
    const held = holdAnswers(here.receiver);
    serve = await start();
    const followed = runPeople(port);
    await held.asked;
    const [{ id } = { id: '' }] = await runs();
    const stream = readEvents(await events(id));
    const first = await stream.next();
    expect(first.value).toMatchObject({ run: { id, status: 'working' } });

    serve.kill('SIGKILL');
    // A stream that is cut ends, or breaks, by where the cut went.
    await allEvents(stream).catch(() => []);
    await startAnew();
    const again = readEvents(await events(id, first.value?.id));
    expect((await again.next()).value).toMatchObject({ run: { id, status: 'working' } });

    held.letGo();
    expect((await allEvents(again)).at(-1)?.run).toMatchObject({ id, status: 'completed' });
    const { code, err, json } = await followed;
    expect([code, json(), err]).toMatchObject([0, { id, status: 'completed' }, expect.any(String)]);
    await expectOneRun(id);
  },
  PATIENCE_MS,
);

/** A command whose `serve` is killed when Temporal has taken its start; another one is there by then. */
async function killedAtStart(...words: string[]): Promise<CommandResult & { runId: string }> {
  const [, temporalPort = ''] = (here.env.TEMPORAL_ADDRESS ?? '').split(':');
  const temporal = await proxyTo(Number(temporalPort));
  const dying = await start({ TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}` });
  serve = await start({ BACKHAUL_PORT: '0' });
  const balancer = await proxyTo(port);
  temporal.answers('hold');
  const waiting = command(balancer.port, ...words);
  const { runId } = await until(() => workflow().describe(), COMMAND_STARTS_MS);
  balancer.goTo(Number(new URL(serve.url).port));
  dying.kill('SIGKILL');
  return { ...(await waiting), runId };
}

it(
  'killed after Temporal took a start and before it was answered: the command asks another one and gets that run',
  async () => {
    const { code, err, json, runId } = await killedAtStart('run', 'people');
    expect([code, json(), err]).toMatchObject([0, { id: runId, status: 'completed' }, expect.any(String)]);
    await expectOneRun(runId);
  },
  PATIENCE_MS,
);

it(
  'killed after Temporal took a start of one row: the row is sent once',
  async () => {
    const { code, err, json, runId } = await killedAtStart('send', 'people', '--key', 'user-7');
    expect([code, json(), err]).toMatchObject([
      0,
      { key: 'user-7', outcome: 'accepted', run: { id: runId, status: 'completed' } },
      expect.any(String),
    ]);
    expect(await runs()).toMatchObject([{ id: runId, number: 1, messages: { accepted: 1 } }]);
    expect(here.receiver.counts()).toMatchObject({ accepted: 1, duplicates: 0 });
  },
  PATIENCE_MS,
);

it(
  'a start whose answer was lost on the way gives the same run, and the same answer, when it is repeated',
  async () => {
    serve = await start();
    const proxy = await proxyTo(port);
    const post = (to: number): Promise<Response> =>
      fetch(`http://127.0.0.1:${to}/v1/syncs/people/runs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'nightly' },
      });
    proxy.answers('cut');
    await expect(post(proxy.port)).rejects.toThrow();
    const again = await until(async () => {
      const answer = await post(port);
      return answer.status !== 409 && answer;
    });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    const { how, run } = (await again.json()) as { how: string; run: Run };
    expect(how).toBe('started');
    await allEvents(readEvents(await events(run.id)));
    await expectOneRun(run.id);
  },
  PATIENCE_MS,
);
