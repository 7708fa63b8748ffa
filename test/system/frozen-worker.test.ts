import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { crashBenchWithIds, PATIENCE_MS } from '../support/crash-bench.ts';

const { here } = await crashBenchWithIds();

describe('a worker that is frozen', () => {
  it(
    'while it sends, across the rest of the run and the next one, overwrites nothing newer',
    async () => {
      const name = await here.syncOf(10_000, { lanes: 1 });
      const handle = await here.backhaul.syncs.run(name);
      const frozen = new Promise<void>((resolve) => {
        let requests = 0;
        here.receiver.respond(() => {
          requests += 1;
          if (requests === 2) {
            here.worker.kill('SIGSTOP');
            resolve();
          }
          return 'accept';
        });
      });
      await frozen;
      const other = await here.startWorker();
      expect(await handle.result()).toMatchObject({ status: 'completed', messages: { accepted: 10_000 } });
      await here.setPlan(name, 'B');
      expect(await here.run(name)).toMatchObject({ status: 'completed', messages: { accepted: 10_000 } });
      const before = here.receiver.counts();
      here.worker.kill('SIGCONT');
      await delay(3000);
      await here.expectDelivered(name);
      expect(here.receiver.counts().accepted).toBe(before.accepted);
      await other.stop();
    },
    PATIENCE_MS,
  );

  it(
    'and a run that was terminated meanwhile: the newer value stays',
    async () => {
      const name = await here.syncOf(10_000, { lanes: 1 });
      await here.run(name);
      await here.setPlan(name, 'B');
      const handle = await here.backhaul.syncs.run(name);
      let requests = 0;
      await new Promise<void>((resolve) => {
        here.receiver.respond(() => {
          requests += 1;
          if (requests === 2) {
            here.worker.kill('SIGSTOP');
            resolve();
          }
          return 'accept';
        });
      });
      await here.temporal.workflow.getHandle(here.workflowId(name)).terminate('test');
      expect(await handle.result()).toMatchObject({ status: 'failed' });
      await here.setPlan(name, 'C');
      const other = await here.startWorker();
      expect(await here.run(name)).toMatchObject({ status: 'completed' });
      await here.expectDelivered(name);
      here.worker.kill('SIGCONT');
      await delay(3000);
      await here.expectDelivered(name);
      expect(await here.run(name)).toMatchObject({ requests: 0 });
      await other.stop();
    },
    PATIENCE_MS,
  );
});
