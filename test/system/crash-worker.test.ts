import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { crashBenchWithIds, PATIENCE_MS } from '../support/crash-bench.ts';

const ROWS = 30_000;

const { here, ids } = await crashBenchWithIds();

describe('kill -9 of the worker', () => {
  it.each([
    ['while the model is read', 'select 1 from backhaul.runs where sync = $1', 0],
    ['while the plan is made', 'select 1 from backhaul.runs where sync = $1 and snapshot is not null', 0],
    ['while a batch is on its way', null, 3],
    ['when the last batch was answered', null, ROWS / 2500],
  ])(
    '%s: a new worker carries the run to its end, and no change has two ids',
    async (_, reached, request) => {
      const name = await here.syncOf(ROWS);
      let requests = 0;
      const killed = new Promise<void>((resolve) => {
        here.receiver.respond(({ body }) => {
          ids.note(body);
          requests += 1;
          if (requests === request) {
            here.worker.kill('SIGKILL');
            resolve();
            return 'accept-then-reset';
          }
          return 'accept';
        });
        if (reached === null) return;
        void here.until(reached, [name]).then(() => {
          here.worker.kill('SIGKILL');
          resolve();
        });
      });
      const handle = await here.backhaul.syncs.run(name);
      await killed;
      await here.worker.exited;
      here.worker = await here.startWorker();
      expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: ROWS } });
      await here.expectDelivered(name);
      expect(ids.twice()).toEqual([]);
      expect(here.receiver.counts().accepted).toBe(ROWS);
      expect(await here.run(name)).toMatchObject({ requests: 0 });
    },
    PATIENCE_MS,
  );

  it(
    'again and again, at any moment: everything arrives, each change under one id',
    async () => {
      const names = await Promise.all([
        here.syncOf(ROWS, { lanes: 2 }),
        here.syncOf(ROWS),
        here.syncOf(ROWS),
      ]);
      const handles = await Promise.all(names.map((name) => here.backhaul.syncs.run(name)));
      for (const ms of [400, 900, 2500]) {
        await delay(ms);
        here.worker.kill('SIGKILL');
        await here.worker.exited;
        here.worker = await here.startWorker();
      }
      for (const handle of handles)
        expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: ROWS } });
      expect(ids.twice()).toEqual([]);
      expect(here.receiver.users().size).toBe(names.length * ROWS);
    },
    PATIENCE_MS,
  );
});
