import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../dev/free-port.ts';
import { crashBenchWithIds, PATIENCE_MS } from '../support/crash-bench.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import type { WorkerProcess } from '../support/worker-process.ts';

const ROWS = 60_000;
const STOPPED = 0;
/** As `worker_stopped` has it. */
const GAVE_UP = 1;
/** Within the limit of a POST, which is 20 s, and late enough that its outcome is not on record when the worker's time is over. */
const LATE_ANSWER_MS = 19_000;

const { here, ids } = await crashBenchWithIds();
/** Stopped at the end of each case; the bench's own goes first. */
const others: WorkerProcess[] = [];
afterEach(async () => {
  await Promise.all(others.splice(0).map((worker) => worker.stop()));
});
const another = async (env: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> => {
  const worker = await here.startWorker(env);
  others.push(worker);
  return worker;
};

describe('workers that are stopped by SIGTERM', () => {
  it(
    'one after the other, while a run of many pages goes on: it completes, and nothing is sent twice',
    async () => {
      const name = await here.syncOf(ROWS, { lanes: 4 });
      let requests = 0;
      here.receiver.respond(({ body }) => {
        ids.note(body);
        requests += 1;
        return { delayMs: 250 };
      });
      let [older, newer] = [here.worker, await another()];
      const handle = await here.backhaul.syncs.run(name);
      for (const reached of [2, 8, 14]) {
        await until(async () => requests >= reached);
        older.kill('SIGTERM');
        expect(await older.exited).toBe(STOPPED);
        [older, newer] = [newer, await another()];
      }
      here.worker = newer;
      expect(await handle.result()).toMatchObject({
        status: 'completed',
        messages: { accepted: ROWS },
        requests,
      });
      await here.expectDelivered(name);
      expect(ids.twice()).toEqual([]);
      expect(here.receiver.counts()).toMatchObject({ accepted: ROWS });
    },
    PATIENCE_MS,
  );

  it(
    'while a page waits for the rate limit: it is handed back at once, and not when the time is over',
    async () => {
      const name = await here.syncOf(10_000, { lanes: 1 });
      const worker = await another({ BACKHAUL_SHUTDOWN_GRACE: '1h' });
      await here.worker.stop();
      let requests = 0;
      here.receiver.respond(({ body }) => {
        ids.note(body);
        requests += 1;
        // The hold is waited for in the activity.
        return requests === 2 ? { status: 429, headers: { 'retry-after': '8' } } : 'accept';
      });
      const handle = await here.backhaul.syncs.run(name);
      await until(async () => requests === 2);
      worker.kill('SIGTERM');
      expect(await worker.exited).toBe(STOPPED);
      here.worker = await here.startWorker();
      expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: 10_000 } });
      expect(ids.twice()).toEqual([]);
    },
    PATIENCE_MS,
  );

  it.each([
    ['when its time is over', '1s', 1],
    ['when it is told twice', '1h', 2],
  ])(
    'while a model is read: it is left to another worker %s',
    async (_, grace, signals) => {
      const name = await here.syncOf(1000);
      await here.sync(name, `select id as user_id, plan from ${name}, pg_sleep(5)`);
      const worker = await another({ BACKHAUL_SHUTDOWN_GRACE: grace });
      await here.worker.stop();
      const handle = await here.backhaul.syncs.run(name);
      await until(async () => {
        const { raw } = await here.temporal.workflow.getHandle(here.workflowId(name)).describe();
        return raw.pendingActivities?.some(
          ({ activityType, lastStartedTime }) => activityType?.name === 'runModel' && lastStartedTime != null,
        );
      });
      for (let sent = 0; sent < signals; sent++) {
        worker.kill('SIGTERM');
        await until(async () => worker.log().includes(sent === 0 ? 'it finishes' : 'stops now'));
      }
      expect(await worker.exited).toBe(STOPPED);
      here.worker = await here.startWorker();
      expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: 1000 } });
    },
    PATIENCE_MS,
  );

  it(
    'while the ledger says nothing about an answer of Segment: the process ends all the same, and says so',
    async () => {
      const name = await here.syncOf(1000);
      const url = new URL(here.ledger.url);
      const proxy = await startTcpProxy(Number(url.port));
      try {
        url.host = `127.0.0.1:${proxy.port}`;
        const worker = await another({
          BACKHAUL_DATABASE_URL: url.href,
          BACKHAUL_SHUTDOWN_GRACE: '1s',
          BACKHAUL_WORKER_PORT: String(await freePort()),
        });
        await here.worker.stop();
        here.receiver.respond(({ body }) => {
          ids.note(body);
          proxy.answers('hold');
          worker.kill('SIGTERM');
          return { delayMs: LATE_ANSWER_MS };
        });
        const handle = await here.backhaul.syncs.run(name);
        expect(await worker.exited).toBe(GAVE_UP);
        expect(worker.log()).toContain('a step did not end in time');
        expect(worker.log()).toContain('worker_stopped');
        here.receiver.respond(({ body }) => {
          ids.note(body);
          return 'accept';
        });
        here.worker = await here.startWorker();
        expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: 1000 } });
        expect(ids.twice()).toEqual([]);
      } finally {
        await proxy.close();
      }
    },
    PATIENCE_MS,
  );
});
