import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { required } from '../test/support/required.ts';
import { until } from '../test/support/until.ts';
import { noMessages, type Run } from '../vocabulary/run.ts';

const BUNDLE = fileURLToPath(new URL('../dist/workflow-bundle.cjs', import.meta.url));
const PAGES = 3;
/** Shorter than the wait. */
const RUNTIME_MS = 12_000;

Runtime.install({ logger: new DefaultLogger('ERROR') });
afterAll(() => Runtime.instance().shutdown());

it('a run goes on waiting in the next execution, within no limit, and sends each page once when it is approved', async () => {
  const address = required('TEST_TEMPORAL_ADDRESS');
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const taskQueue = `approvals-${randomUUID()}`;
  const workflowId = `sync/${taskQueue}`;
  const rows = { read: 30, added: 30, changed: 0, unchanged: 0, removed: 0, invalid: 0 };
  const shown = { sync: taskQueue, rows, messages: noMessages(), mode: null, warnings: [] };
  const sent: number[] = [];
  const decisions: object[] = [];
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: BUNDLE },
    activities: {
      openRun: async () => ({
        ...{ kind: 'opened', number: 1, settle: [], waitMs: 0, lanes: 2, searchAttributes: false },
        ...{ runtimeMs: RUNTIME_MS, noProgressMs: 600_000, installation: 'default', url: null },
      }),
      validateConnection: async () => ({ warnings: [] }),
      runModel: async () => ({ rows: 30, parts: 1, bytes: 1, mode: 'full', modeReason: '' }),
      paginate: async () => ({ pages: PAGES, planned: 30, rows, approval: ['it is large'] }),
      map: async () => ({ messages: 9, batches: 1, invalid: 1 }),
      recapRun: async () => ({ rows: { ...rows, added: 27, invalid: 3 }, reasons: ['it is large'] }),
      recordStatus: async () => undefined,
      recordDecision: async (decision: object) => void decisions.push(decision),
      sendBatch: async ({ page }: { page: number }) => {
        sent.push(page);
        return { done: true, heldMs: null };
      },
      recordResult: async (input: { page?: number; end?: object }) =>
        input.page === undefined ? { ...shown, ...input.end } : { accepted: 9, rejected: 0, requests: 1 },
      measureProgress: async () => 0,
    },
  });
  const current = () => client.workflow.getHandle(workflowId);
  const progress = (): Promise<Run> => current().query<Run>('progress');
  try {
    await worker.runUntil(async () => {
      const began = Date.now();
      const first = await client.workflow.start('syncRun', {
        workflowId,
        taskQueue,
        args: [{ sync: taskQueue }],
      });
      const run = first.firstExecutionRunId;
      await until(async () => (await progress()).status === 'awaiting_approval');
      expect(await progress()).toMatchObject({ rows: { added: 27, invalid: 3 } });
      // The history grows until the run has to continue as new.
      while ((await current().describe()).runId === run) {
        for (const update of ['pause', 'resume'])
          await current()
            .executeUpdate(update, { args: [{ run }] })
            .catch(() => undefined);
      }
      await until(async () => (await progress()).status === 'awaiting_approval');
      expect(sent).toEqual([]);
      await delay(Math.max(0, began + RUNTIME_MS + 1000 - Date.now()));
      await current().executeUpdate('approve', { args: [{ run }] });
      expect(await first.result()).toMatchObject({ status: 'completed' });
      expect(decisions).toEqual([{ run, decision: 'approved', status: 'working' }]);
    });
  } finally {
    await client.connection.close();
    await connection.close();
  }
  expect(sent.sort()).toEqual([0, 1, 2]);
}, 120_000);
