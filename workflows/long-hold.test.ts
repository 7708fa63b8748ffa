import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { SendBatchResult } from '../activities/send-batch.ts';
import { required } from '../test/support/required.ts';
import { noMessages, type Run } from '../vocabulary/run.ts';

const BUNDLE = fileURLToPath(new URL('../dist/workflow-bundle.cjs', import.meta.url));
const LANES = 16;
const PAGES = 40;
/** Answers that ask to wait, before Segment takes a page. */
const HOLDS = 4;

Runtime.install({ logger: new DefaultLogger('ERROR') });
afterAll(() => Runtime.instance().shutdown());

it('a run that Segment holds again and again continues as new, and sends each page once', async () => {
  const address = required('TEST_TEMPORAL_ADDRESS');
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const taskQueue = `holds-${randomUUID()}`;
  const rows = { read: PAGES, added: PAGES, changed: 0, unchanged: 0, removed: 0, invalid: 0 };
  const asked = new Map<number, number>();
  const recorded: number[] = [];
  let ended: Run | undefined;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: BUNDLE },
    activities: {
      openRun: async () => ({
        kind: 'opened',
        number: 1,
        settle: [],
        waitMs: 0,
        lanes: LANES,
        runtimeMs: 600_000,
        noProgressMs: 600_000,
        searchAttributes: false,
        installation: 'default',
        url: null,
      }),
      validateConnection: async () => ({ warnings: [] }),
      runModel: async () => ({ rows: PAGES, parts: 1, bytes: 1, mode: 'full', modeReason: '' }),
      paginate: async () => ({ pages: PAGES, planned: PAGES, rows }),
      map: async () => ({ messages: 1, batches: 1, invalid: 0 }),
      sendBatch: async ({ page }: { page: number }): Promise<SendBatchResult> => {
        const before = asked.get(page) ?? 0;
        asked.set(page, before + 1);
        return before < HOLDS ? { done: false, heldMs: 1 } : { done: true, heldMs: null };
      },
      recordResult: async (input: { page?: number; run: string }) => {
        if (input.page === undefined) return ended;
        recorded.push(input.page);
        return { accepted: 1, rejected: 0, requests: 1 };
      },
      measureProgress: async () => 0,
    },
  });
  try {
    await worker.runUntil(async () => {
      const workflowId = `sync/${taskQueue}`;
      ended = {
        ...{
          id: workflowId,
          number: 1,
          sync: taskQueue,
          status: 'completed',
          withErrors: false,
          mode: 'full',
          modeReason: '',
        },
        ...{
          rows,
          messages: noMessages(),
          requests: PAGES,
          startedAt: '',
          finishedAt: '',
          error: null,
          retrying: null,
          warnings: [],
        },
        temporal: { workflowId, runId: '', url: null },
      };
      const handle = await client.workflow.start('syncRun', {
        workflowId,
        taskQueue,
        args: [{ sync: taskQueue }],
      });
      await handle.result();
      const { historyLength } = await client.workflow
        .getHandle(workflowId, handle.firstExecutionRunId)
        .describe();
      const last = await client.workflow.getHandle(workflowId).describe();
      expect(last.runId).not.toBe(handle.firstExecutionRunId);
      expect(historyLength).toBeLessThan(600);
    });
  } finally {
    await client.connection.close();
    await connection.close();
  }
  expect(recorded.sort((a, b) => a - b)).toEqual(Array.from({ length: PAGES }, (_, page) => page));
  expect(new Set(asked.values())).toEqual(new Set([HOLDS + 1]));
});
