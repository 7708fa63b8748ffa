import { describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { crashBenchWithIds, PATIENCE_MS } from '../support/crash-bench.ts';

const ROWS = 30_000;

const { here, ids } = await crashBenchWithIds();

describe('an answer that is lost', () => {
  it(
    'is never a loss and never a second id',
    async () => {
      const name = await here.syncOf(ROWS);
      let requests = 0;
      here.receiver.respond(({ body }) => {
        ids.note(body);
        requests += 1;
        return requests % 5 === 0 ? 'accept-then-reset' : requests % 7 === 0 ? 'reset' : 'accept';
      });
      expect(await here.run(name)).toMatchObject({ status: 'completed', messages: { accepted: ROWS } });
      await here.expectDelivered(name);
      expect(ids.twice()).toEqual([]);
      expect(here.receiver.counts().duplicates).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  it(
    'of a run that was cancelled leaves its rows in doubt: the next run sends them under the same id',
    async () => {
      const name = await here.syncOf(2000, { lanes: 1 });
      const handle = await here.backhaul.syncs.run(name);
      here.receiver.respond(async ({ body }) => {
        ids.note(body);
        await handle.cancel();
        await delay(2000);
        return 'accept-then-reset' as const;
      });
      expect(await handle.result()).toMatchObject({ status: 'cancelled', messages: { accepted: 0 } });
      here.receiver.respond(({ body }) => {
        ids.note(body);
        return 'accept';
      });
      expect(await here.run(name)).toMatchObject({ status: 'completed', messages: { accepted: 2000 } });
      expect(ids.twice()).toEqual([]);
      expect(here.receiver.counts().accepted).toBe(2000);
      expect(here.receiver.counts().duplicates).toBeGreaterThan(0);
      expect(await here.run(name)).toMatchObject({ requests: 0 });
    },
    PATIENCE_MS,
  );
});
