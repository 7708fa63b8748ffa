import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import { finishRun, readRun, rejectedBefore, recordPlan } from './runs.ts';
import { readSelection, removeSelection, selectionOf, writeSelection } from './selections.ts';
import { noRows } from '../vocabulary/run.ts';
import { blobName } from '../vocabulary/ids.ts';

let bench: LedgerWorkbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
});
afterAll(() => bench.close());

const KEYS = { kind: 'keys', keys: ['a', "b'\n"], resend: true } as const;

it('a run that is opened again finds the selection that it was opened with', async () => {
  const { db } = bench.ledger;
  await bench.defineSync('users');
  const selection = await writeSelection(db, 'users', KEYS);
  const first = await bench.open('users', { selection });
  expect(await bench.open('users', { id: first.id, selection })).toMatchObject({ kind: 'opened', number: 1 });
  expect(await selectionOf(db, await readRun(db, first.id))).toEqual(KEYS);
  const second = await bench.open('users');
  expect(await selectionOf(db, await readRun(db, second.id))).toBeNull();
});

it('one that is not known, or is of another sync, opens no run', async () => {
  const { db } = bench.ledger;
  await bench.defineSync('mine');
  const selection = await writeSelection(db, 'other', KEYS);
  for (const id of [selection, randomUUID(), 'no-uuid']) {
    await expect(bench.open('mine', { selection: id })).rejects.toMatchObject({
      code: 'selection_not_found',
      message: expect.not.stringContaining('a'.repeat(30)),
    });
  }
  expect(await readSelection(db, selection, 'other')).toEqual(KEYS);
  await removeSelection(db, selection);
  await expect(readSelection(db, selection, 'other')).rejects.toMatchObject({ code: 'selection_not_found' });
});

it('an idempotency key with another selection is another start', async () => {
  const { db } = bench.ledger;
  await bench.defineSync('once');
  const selection = await writeSelection(db, 'once', KEYS);
  const first = await bench.open('once', { selection, idempotencyKey: 'k' });
  expect(await bench.open('once', { selection, idempotencyKey: 'k' })).toMatchObject({
    kind: 'existing',
    run: first.id,
  });
  await expect(bench.open('once', { idempotencyKey: 'k' })).rejects.toMatchObject({
    code: 'idempotency_conflict',
  });
});

it('a request that its sender has named has one selection, and another one when it selects something else', async () => {
  const { db } = bench.ledger;
  const first = await writeSelection(db, 'named', KEYS, 'nightly');
  expect(await writeSelection(db, 'named', KEYS, 'nightly')).toBe(first);
  await removeSelection(db, first);
  expect(await writeSelection(db, 'named', KEYS, 'nightly')).toBe(first);
  expect(await readSelection(db, first, 'named')).toEqual(KEYS);
  const others = [
    await writeSelection(db, 'named', { ...KEYS, keys: ['a'] }, 'nightly'),
    await writeSelection(db, 'named', KEYS, 'weekly'),
    await writeSelection(db, 'else', KEYS, 'nightly'),
    await writeSelection(db, 'named', KEYS),
  ];
  expect(new Set([first, ...others]).size).toBe(5);
});

it('what no run names is removed once it is old', async () => {
  const { db } = bench.ledger;
  const earlier = await bench.open('retried');
  const old = await writeSelection(db, 'retried', KEYS);
  const used = await writeSelection(db, 'retried', {
    kind: 'of_run',
    run: earlier.id,
    outcome: 'rejected',
    resend: false,
  });
  await bench.open('retried', { selection: used });
  await sql`update selections set created_at = now() - interval '8 days'`.execute(db);
  await writeSelection(db, 'retried', KEYS);
  await expect(readSelection(db, old, 'retried')).rejects.toMatchObject({ code: 'selection_not_found' });
  expect(await readSelection(db, used, 'retried')).toMatchObject({ kind: 'of_run', run: earlier.id });
});

it('a run of single rows does not tell how many rows Segment refuses in every run', async () => {
  const { db } = bench.ledger;
  const end = async (id: string, rejected: number): Promise<void> => {
    const plan = { prefix: blobName('p'), pages: 1, planned: 50, state: null, generation: 1, returned: 0 };
    await recordPlan(db, id, { ...plan, invalid: null }, noRows(), 50, null);
    await finishRun(db, id, {
      status: 'completed',
      rows: noRows(),
      messages: { planned: 50, accepted: 0, rejected },
      requests: 1,
      withErrors: true,
      error: null,
    });
  };
  const all = await bench.open('refused');
  await end(all.id, 40);
  const selection = await writeSelection(db, 'refused', KEYS);
  const one = await bench.open('refused', { selection });
  expect(await rejectedBefore(db, one.id)).toBe(40);
  await end(one.id, 1);
  const next = await bench.open('refused');
  expect(await rejectedBefore(db, next.id)).toBe(40);
});
