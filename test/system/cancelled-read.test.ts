import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunHandle } from '../../client/run-handle.ts';
import { startSnowflakeStandin, type SnowflakeStandin } from '../standins/snowflake/start.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { openCrashBench, PATIENCE_MS, type CrashBench } from '../support/crash-bench.ts';
import { until } from '../support/until.ts';

/** Its engine is another process, and its slow query only waits: the machine is left to what is tested. */
const started = await startOrSkip('snowflake', () =>
  startSnowflakeStandin({ reader: { password: 'password-of-reader' } }, false),
);
const suite = started === null ? describe.skip : describe;

const READER = `select reading_by from backhaul.runs where sync = 'slow' and reading is not null and finished_at is null`;

suite('a run that is cancelled while its query runs leaves none at the warehouse', () => {
  let warehouse: SnowflakeStandin;
  let here: CrashBench;
  beforeAll(async () => {
    if (started === null) return;
    warehouse = started;
    here = await openCrashBench({ env: { BACKHAUL_ALLOWED_ENDPOINTS: warehouse.url } });
    await here.define({
      connections: {
        source: {
          type: 'snowflake',
          account: 'myorg-myaccount',
          user: 'reader',
          password: 'password-of-reader',
          warehouse: 'WH',
          database: 'DB1',
          schema: 'S1',
          role: 'READER',
          accessUrl: warehouse.url,
        },
      },
      models: { slow: { connection: 'source', sql: 'select system$wait(600) as "id", 1 as "n"' } },
      syncs: {
        slow: { model: 'slow', destination: 'segment', key: { from: 'id', to: 'userId' }, properties: 'all' },
      },
    });
  });
  afterAll(async () => {
    await here?.close();
    await warehouse?.stop();
  });

  const running = async (): Promise<number> => (await warehouse.state()).running;

  const reader = async (): Promise<unknown> => (await here.ledger.query(READER))[0]?.reading_by;
  /** A run whose query runs, as the ledger knows. */
  async function begun(): Promise<RunHandle> {
    const handle = await here.backhaul.syncs.run('slow');
    await until(reader);
    return handle;
  }
  /** Another worker reads on, with the same query. */
  async function takenOver(by: unknown): Promise<void> {
    here.worker = await here.startWorker();
    await until(async () => (await reader()) !== by, 60_000);
    expect(await running()).toBe(1);
  }

  async function expectNothingLeft(handle: RunHandle): Promise<void> {
    expect(await handle.result()).toMatchObject({ status: 'cancelled' });
    expect(await running()).toBe(0);
    const rows = await here.ledger.query('select reading, reading_by from backhaul.runs');
    expect(rows.filter(({ reading, reading_by: by }) => reading !== null || by !== null)).toEqual([]);
  }

  it('in the usual case, and the worker works on', async () => {
    const handle = await begun();
    await handle.cancel();
    await expectNothingLeft(handle);
    const next = await begun();
    await next.cancel();
    await expectNothingLeft(next);
  });

  it('when its worker was stopped, and another one has taken over', async () => {
    const handle = await begun();
    const first = await reader();
    await here.worker.stop();
    expect(await here.worker.exited).toBe(0);
    expect(await running()).toBe(1);
    await takenOver(first);
    await handle.cancel();
    await expectNothingLeft(handle);
  });

  it(
    'when its worker was killed, and the next one comes after the cancel',
    async () => {
      const handle = await begun();
      here.worker.kill('SIGKILL');
      await here.worker.exited;
      expect(await running()).toBe(1);
      await handle.cancel();
      here.worker = await here.startWorker();
      await expectNothingLeft(handle);
    },
    PATIENCE_MS,
  );

  it(
    'when its worker was killed, and another one has taken over before the cancel',
    async () => {
      const handle = await begun();
      const first = await reader();
      here.worker.kill('SIGKILL');
      await here.worker.exited;
      await takenOver(first);
      await handle.cancel();
      await expectNothingLeft(handle);
    },
    PATIENCE_MS,
  );

  describe('nor does a recap', () => {
    const recapping = async (): Promise<string> => {
      const recap = here.backhaul.syncs.recap('slow');
      recap.catch(() => undefined);
      await until(async () => (await running()) === 1);
      return `${here.env.BACKHAUL_INSTALLATION}/recap/slow`;
    };
    const ended = (workflowId: string): Promise<string> =>
      until(async () => {
        const { status } = await here.temporal.workflow.getHandle(workflowId).describe();
        return status.name !== 'RUNNING' && status.name;
      }, 60_000);

    it('that is cancelled', async () => {
      const workflowId = await recapping();
      await here.temporal.workflow.getHandle(workflowId).cancel();
      expect(await ended(workflowId)).toBe('CANCELLED');
      expect(await running()).toBe(0);
    });

    it(
      'whose worker was killed, when the next one comes after the cancel',
      async () => {
        const workflowId = await recapping();
        here.worker.kill('SIGKILL');
        await here.worker.exited;
        expect(await running()).toBe(1);
        await here.temporal.workflow.getHandle(workflowId).cancel();
        here.worker = await here.startWorker();
        await ended(workflowId);
        expect(await running()).toBe(0);
      },
      PATIENCE_MS,
    );
  });
});
