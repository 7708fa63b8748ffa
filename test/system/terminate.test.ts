import { describe, expect, it } from '@jest/globals';
import { crashBenchWithIds, PATIENCE_MS } from '../support/crash-bench.ts';

const ROWS = 30_000;

const { here, ids } = await crashBenchWithIds();

describe('temporal workflow terminate', () => {
  it(
    'and a row set back to its old value: Segment ends with the old value',
    async () => {
      const name = await here.syncOf(5000, { lanes: 1 });
      await here.run(name);
      await here.setPlan(name, 'B');
      let requests = 0;
      const handle = await here.backhaul.syncs.run(name);
      const terminated = new Promise<void>((resolve) => {
        here.receiver.respond(async ({ body }) => {
          ids.note(body);
          requests += 1;
          if (requests > 1) return 'accept' as const;
          await here.temporal.workflow.getHandle(here.workflowId(name)).terminate('test');
          resolve();
          // Segment has it, and nobody here learns of that.
          return 'accept-then-reset' as const;
        });
      });
      await terminated;
      expect(await handle.result()).toMatchObject({ status: 'failed', error: { code: 'run_terminated' } });
      expect([...here.receiver.users().values()].some(({ traits }) => traits.plan === 'B')).toBe(true);
      await here.setPlan(name, 'A');
      expect(await here.run(name)).toMatchObject({ status: 'completed', number: 3 });
      await here.expectDelivered(name);
      expect(await here.run(name)).toMatchObject({ requests: 0 });
      const [run] = await here.backhaul.runs
        .list({ sync: name, limit: 4 })
        .then((runs) => runs.filter(({ number }) => number === 2));
      expect(run).toMatchObject({ status: 'failed', error: { code: 'run_terminated' } });
    },
    PATIENCE_MS,
  );

  it.each([
    ['while the model is read', 'select 1 from backhaul.runs where sync = $1'],
    [
      'while batches are on their way',
      'select 1 from backhaul.posts join backhaul.runs on runs.id = run_id where sync = $1',
    ],
    [
      'when a page was recorded',
      'select 1 from backhaul.pages join backhaul.runs on runs.id = run_id where sync = $1 and recorded_at is not null',
    ],
  ])(
    '%s: the next run sends what is due, and nothing twice',
    async (_, reached) => {
      const name = await here.syncOf(ROWS, { lanes: 2 });
      here.receiver.respond(({ body }) => {
        ids.note(body);
        return { delayMs: 50 };
      });
      const handle = await here.backhaul.syncs.run(name);
      await here.until(reached, [name]);
      await here.temporal.workflow.getHandle(here.workflowId(name)).terminate('test');
      expect(await handle.result()).toMatchObject({ status: 'failed', error: { code: 'run_terminated' } });
      await here.setPlan(name, 'B', "id like '%7'");
      expect(await here.run(name)).toMatchObject({ status: 'completed' });
      await here.expectDelivered(name);
      expect(ids.twice()).toEqual([]);
    },
    PATIENCE_MS,
  );
});
