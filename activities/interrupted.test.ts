import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { bookPost } from '../ledger/posts.ts';
import { readRun } from '../ledger/runs.ts';
import { beginState, moveState } from '../ledger/states.ts';
import { writeKeyDigest } from '../segment/write-key-digest.ts';
import { activityEnvironment } from '../test/support/activity-environment.ts';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import { writeBatches } from '../test/support/write-batches.ts';
import type { Dependencies } from './dependencies.ts';
import { recordRunResult } from './record-result.ts';
import { sendBatch } from './send-batch.ts';

const WRITE_KEY = 'k'.repeat(32);
const links = { uiUrl: null, namespace: 'default' };

let bench: LedgerWorkbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
});
afterAll(() => bench.close());

const begin = (sync: string): Promise<unknown> =>
  beginState(bench.ledger.db, sync, {
    writeKeyDigest: writeKeyDigest(WRITE_KEY),
    object: 'user',
    keyColumn: 'k',
    keyTo: 'userId',
    keyKind: 'text',
  });

it('a run whose recording is told to stop is not settled while a POST of it may still arrive', async () => {
  const { id, booking } = await bench.openWithPage('quiet');
  await bookPost(bench.ledger.db, { ...booking, allowanceMs: 20_000 });
  const environment = activityEnvironment();
  const dependencies = { ledger: bench.ledger, links } as unknown as Dependencies;
  const recording = environment.run(() =>
    recordRunResult(dependencies, { run: id, end: { status: 'cancelled', error: null } }),
  );
  await delay(300);
  environment.cancel('WORKER_SHUTDOWN');
  await expect(recording).rejects.toMatchObject({ name: 'CancelledFailure' });
  expect(await readRun(bench.ledger.db, id)).toMatchObject({ settled: false });
  const next = await bench.open('quiet');
  expect(next).toMatchObject({ kind: 'opened', settle: [id] });
  expect(next.kind === 'opened' && next.waitMs).toBeGreaterThan(10_000);
});

it('a machine that slept between booking and slot posts nothing after the deadline', async () => {
  const { db } = bench.ledger;
  const { id } = await bench.openWithPage('sleeper');
  await begin('sleeper');
  const before = await bench.openWithPage('before_sleeper');
  // Somebody else holds the first second of the group, so that the slot lies ahead.
  await bookPost(db, { ...before.booking, rateLimitGroup: 'sleep' });
  const blob = writeBatches(['{"n":1}', '{"n":2}'], [{ first: 0, beyond: 2 }]);
  let delivered = 0;
  const dependencies = {
    ledger: bench.ledger,
    env: {},
    links,
    blobs: { get: async () => blob },
    destinations: {
      keyed: async (_: string, connection: object) => connection,
      open: () => ({
        connection: { rateLimitGroup: 'sleep', eventsPerSecond: 1000, writeKey: WRITE_KEY },
        segment: {
          deliver: async () => {
            delivered += 1;
            return { kind: 'accepted' };
          },
        },
      }),
    },
  } as unknown as Dependencies;
  const environment = activityEnvironment({ currentAttemptScheduledTimestampMs: Date.now() });
  const sending = environment.run(() => sendBatch(dependencies, { run: id, page: 0 }));
  await delay(400);
  // Its monotonic clock stands still; the wall clock and the ledger's go on, and a newer run takes over.
  const realNow = Date.now;
  Date.now = () => realNow() + 60_000;
  try {
    await sql`update posts set slot_at = slot_at - interval '60 s', deadline = deadline - interval '60 s' where run_id = ${id}`.execute(
      db,
    );
    expect(await bench.open('sleeper')).toMatchObject({ kind: 'opened', waitMs: 0 });
    await expect(sending).rejects.toMatchObject({ code: 'run_superseded' });
  } finally {
    Date.now = realNow;
  }
  expect(delivered).toBe(0);
});

it('a run that moved the state and was ended before it said how is ended by the next one', async () => {
  const { id } = await bench.open('half');
  const { number } = await readRun(bench.ledger.db, id);
  await begin('half');
  const next = { blob: 'states/x', entries: 1, liveEntries: 1 };
  await moveState(bench.ledger.db, {
    sync: 'half',
    run: id,
    runNumber: number,
    by: id,
    previous: null,
    next,
    mapping: null,
    delivered: null,
  });
  expect(await bench.open('half')).toMatchObject({ settle: [id] });
});
