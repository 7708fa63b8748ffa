import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRocksetService } from '../conformance/rockset-service.ts';
import { ROWS } from '../conformance/standard-rows.ts';
import type { Service } from '../conformance/subject.ts';
import { openCrashBench, PATIENCE_MS, type CrashBench } from '../support/crash-bench.ts';
import { until } from '../support/until.ts';

let service: Service;
let here: CrashBench;
beforeAll(async () => {
  service = await startRocksetService();
  here = await openCrashBench({ env: { BACKHAUL_ALLOWED_ENDPOINTS: service.allowedEndpoints.join(',') } });
  await here.define({
    connections: { source: service.connection },
    models: {
      users: { ...service.models.rows, name: undefined, connection: 'source' },
    },
    syncs: { users: sync },
  });
});
afterAll(async () => {
  await here.close();
  await service.close();
});

const sync = {
  model: 'users',
  destination: 'segment',
  key: { from: 'id', to: 'userId' },
  properties: 'all',
};

const BEGUN = 'select 1 from backhaul.runs where sync = $1 and reading is not null';

describe('a read whose worker is killed', () => {
  it(
    'is carried on by the next one, with the query that runs already, and leaves nothing at the warehouse',
    async () => {
      const handle = await here.backhaul.syncs.run('users');
      await here.until(BEGUN, ['users']);
      const [before] = await here.ledger.query(
        "select reading -> 'place' as place, reading ->> 'takenAt' as taken from backhaul.runs where sync = 'users'",
      );
      here.worker.kill('SIGKILL');
      await here.worker.exited;
      here.worker = await here.startWorker();
      expect(await handle.result()).toMatchObject({
        status: 'completed',
        rows: { read: ROWS },
        messages: { accepted: ROWS },
      });
      const [after] = await here.ledger.query(
        "select reading, snapshot ->> 'takenAt' as taken from backhaul.runs where sync = 'users'",
      );
      expect(before?.place).not.toBeNull();
      expect(after).toEqual({ reading: null, taken: before?.taken });
      await until(async () => (await service.running()) === 0);
    },
    PATIENCE_MS,
  );
});
