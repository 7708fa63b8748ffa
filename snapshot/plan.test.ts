import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BlobName } from '../vocabulary/ids.ts';
import { openWorkbench, type SpoolRow, type Workbench } from '../test/support/snapshot-workbench.ts';
import type { PlannedRow } from './pages.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

type Verdict = 'accepted' | 'in_doubt' | 'open';

/** A run that ends as told for each key; keys that are not named are accepted. */
async function run(
  state: BlobName | null,
  runNumber: number,
  rows: readonly SpoolRow[],
  verdicts: Record<string, Verdict> = {},
  resendUnchanged = false,
): Promise<BlobName> {
  const snapshot = await bench.snapshot(rows);
  const plan = await bench.plan({ snapshot, state, runNumber, resendUnchanged });
  const pages = [];
  for (const [page, planned] of (await bench.rowsOfPages(plan)).entries()) {
    const ranges = planned.flatMap((row, first) => {
      const verdict = verdicts[row.values[0] ?? ''] ?? 'accepted';
      return verdict === 'open' ? [] : [{ first, beyond: first + 1, verdict }];
    });
    pages.push({ page, index: await bench.index(page, planned), ranges });
  }
  return (await bench.fold({ state, snapshot, runNumber, pages })).state;
}

async function planned(
  state: BlobName | null,
  runNumber: number,
  rows: readonly SpoolRow[],
  resendUnchanged = false,
): Promise<{
  rows: Record<string, string>;
  counts: Awaited<ReturnType<Workbench['plan']>>;
  all: PlannedRow[];
}> {
  const counts = await bench.plan({
    snapshot: await bench.snapshot(rows),
    state,
    runNumber,
    resendUnchanged,
  });
  const all = (await bench.rowsOfPages(counts)).flat();
  return {
    counts,
    all,
    rows: Object.fromEntries(all.map((row) => [row.values[0] ?? '', `${row.change} after ${row.sequence}`])),
  };
}

describe('a plan', () => {
  it('without a state adds every row', async () => {
    const { counts, rows } = await planned(null, 1, [
      ['a', '1'],
      ['b', null],
    ]);
    expect(rows).toEqual({ a: 'added after 0', b: 'added after 0' });
    expect(counts).toMatchObject({
      planned: 2,
      pages: 1,
      returned: 0,
      rows: { read: 2, added: 2, changed: 0, unchanged: 0, removed: 0, invalid: 0 },
    });
  });

  it('gives the values as they were spooled, the key first', async () => {
    const { all } = await planned(null, 1, [['k\t1', 'line\nbreak', null, '', '"q"', '\\N']]);
    expect(all[0]?.values).toEqual(['k\\t1', 'line\\nbreak', null, '', '"q"', '\\\\N']);
  });

  it('of no rows has no page', async () => {
    const { counts } = await planned(null, 1, []);
    expect(counts).toMatchObject({ planned: 0, pages: 0, rows: { read: 0 }, invalid: { blob: null } });
  });

  it('sends what was added or changed and says what was removed', async () => {
    const state = await run(null, 1, [
      ['same', '1'],
      ['change', '1'],
      ['leave', '1'],
    ]);
    const { counts, rows } = await planned(state, 2, [
      ['same', '1'],
      ['change', '2'],
      ['new', '1'],
    ]);
    expect(rows).toEqual({ change: 'changed after 1', new: 'added after 0' });
    expect(counts.rows).toEqual({ read: 3, added: 1, changed: 1, unchanged: 1, removed: 1, invalid: 0 });
  });

  it('keeps null and empty string apart', async () => {
    const state = await run(null, 1, [
      ['a', null],
      ['b', ''],
    ]);
    expect(
      (
        await planned(state, 2, [
          ['a', ''],
          ['b', null],
        ])
      ).counts.rows.changed,
    ).toBe(2);
  });

  it('finds null keys, empty keys, and every row of a duplicated key invalid', async () => {
    const { counts, rows } = await planned(null, 1, [
      [null, 'x'],
      [null, 'y'],
      ['', 'x'],
      ['', 'y'],
      ['twice', '1'],
      ['twice', '1'],
      ['thrice\t', '1'],
      ['thrice\t', '2'],
      ['thrice\t', '3'],
      ['good', '1'],
    ]);
    expect(rows).toEqual({ good: 'added after 0' });
    expect(counts.rows).toEqual({ read: 10, added: 1, changed: 0, unchanged: 0, removed: 0, invalid: 9 });
    expect(counts.invalid.counts).toEqual({ null_key: 2, empty_key: 2, duplicate_key: 5 });
    expect(counts.invalid.samples).toEqual([
      { key: null, reason: 'null_key' },
      { key: '', reason: 'empty_key' },
      { key: 'thrice\t', reason: 'duplicate_key' },
      { key: 'twice', reason: 'duplicate_key' },
    ]);
    const keys = (await bench.blobs.get(counts.invalid.blob ?? ('' as BlobName))).toString('utf8');
    expect(keys.split('\n').sort()).toEqual(['', 'thrice\\t', 'twice']);
  });

  it('shows no more samples than asked for', async () => {
    const snapshot = await bench.snapshot([[null], [''], ['a'], ['a']]);
    const plan = await bench.plan({ snapshot, maxSamples: 1 });
    expect(plan.invalid.samples).toEqual([{ key: null, reason: 'null_key' }]);
  });

  it('does not take a key for removed whose rows are invalid', async () => {
    const state = await run(null, 1, [
      ['a', '1'],
      ['b', '1'],
    ]);
    const { counts } = await planned(state, 2, [
      ['a', '1'],
      ['a', '2'],
    ]);
    expect(counts.rows).toMatchObject({ removed: 1, invalid: 2, unchanged: 0 });
  });

  it('tries again what was not accepted, as the change that it was', async () => {
    const first = await run(
      null,
      1,
      [
        ['a', '1'],
        ['b', '1'],
      ],
      { b: 'open' },
    );
    const second = await run(
      first,
      2,
      [
        ['a', '2'],
        ['b', '1'],
      ],
      { a: 'open', b: 'open' },
    );
    expect(
      (
        await planned(second, 3, [
          ['a', '2'],
          ['b', '1'],
        ])
      ).rows,
    ).toEqual({ a: 'changed after 1', b: 'added after 0' });
  });

  it('counts a removed key once, and a key that came back as it was as returned', async () => {
    const first = await run(null, 1, [
      ['a', '1'],
      ['b', '1'],
    ]);
    const second = await run(first, 2, [['a', '1']]);
    expect((await planned(second, 3, [['a', '1']])).counts.rows.removed).toBe(0);
    const back = await planned(second, 3, [
      ['a', '1'],
      ['b', '1'],
    ]);
    expect(back.counts).toMatchObject({ planned: 0, returned: 1, rows: { unchanged: 2, added: 0 } });
    const changed = await planned(second, 3, [
      ['a', '1'],
      ['b', '2'],
    ]);
    expect(changed.rows).toEqual({ b: 'changed after 1' });
    expect(changed.counts.returned).toBe(0);
    const third = await run(second, 3, [
      ['a', '1'],
      ['b', '1'],
    ]);
    expect((await planned(third, 4, [['a', '1']])).counts.rows.removed).toBe(1);
  });

  it('of a full run sends unchanged rows under a name of this run, and others as ever', async () => {
    const state = await run(null, 1, [
      ['same', '1'],
      ['change', '1'],
      ['gone', '1'],
    ]);
    const gone = await run(state, 2, [
      ['same', '1'],
      ['change', '1'],
    ]);
    const full = await planned(
      gone,
      7,
      [
        ['same', '1'],
        ['change', '2'],
        ['new', '1'],
        ['gone', '1'],
      ],
      true,
    );
    expect(full.rows).toEqual({
      same: 'unchanged after 7',
      change: 'changed after 1',
      new: 'added after 0',
      gone: 'unchanged after 7',
    });
    expect(full.counts).toMatchObject({
      planned: 4,
      returned: 1,
      rows: { added: 1, changed: 1, unchanged: 2 },
    });
  });
});

describe('a row in doubt', () => {
  it('is planned again, under the same name when it is the same', async () => {
    const first = await run(null, 1, [['a', 'A']]);
    const second = await run(first, 2, [['a', 'B']], { a: 'in_doubt' });
    expect((await planned(second, 3, [['a', 'B']])).rows).toEqual({ a: 'changed after 1' });
  });

  it('that was set back to what Segment had goes out after the doubting run', async () => {
    const first = await run(null, 1, [['a', 'A']]);
    const second = await run(first, 2, [['a', 'B']], { a: 'in_doubt' });
    const { rows, counts } = await planned(second, 3, [['a', 'A']]);
    expect(rows).toEqual({ a: 'changed after 2' });
    expect(counts.rows).toMatchObject({ changed: 1, unchanged: 0 });
  });

  it('that was never accepted is added, after the doubting run when it is another by now', async () => {
    const state = await run(null, 4, [['a', 'A']], { a: 'in_doubt' });
    expect((await planned(state, 5, [['a', 'A']])).rows).toEqual({ a: 'added after 0' });
    expect((await planned(state, 5, [['a', 'B']])).rows).toEqual({ a: 'added after 4' });
  });

  it('keeps its name over runs that do not send it', async () => {
    const first = await run(null, 1, [['a', 'A']]);
    const second = await run(first, 2, [['a', 'B']], { a: 'in_doubt' });
    const third = await run(second, 3, [['a', 'C']], { a: 'open' });
    const fourth = await run(third, 4, []);
    expect((await planned(fourth, 5, [['a', 'B']])).rows).toEqual({ a: 'changed after 1' });
    expect((await planned(fourth, 5, [['a', 'C']])).rows).toEqual({ a: 'changed after 2' });
  });

  it('of a full run keeps the name of that run', async () => {
    const first = await run(null, 1, [['a', 'A']]);
    const second = await run(first, 2, [['a', 'A']], { a: 'in_doubt' }, true);
    expect((await planned(second, 3, [['a', 'A']])).rows).toEqual({ a: 'changed after 2' });
  });

  it('is settled once it is accepted', async () => {
    const first = await run(null, 1, [['a', 'A']], { a: 'in_doubt' });
    const second = await run(first, 2, [['a', 'A']]);
    expect((await planned(second, 3, [['a', 'A']])).counts.planned).toBe(0);
    expect((await planned(second, 3, [['a', 'B']])).rows).toEqual({ a: 'changed after 2' });
  });
});

describe('a plan that is restricted to selected keys', () => {
  const restricted = async (
    keys: readonly string[],
    rows: readonly SpoolRow[],
    options: { state?: BlobName | null; resendUnchanged?: boolean } = {},
  ) => {
    const counts = await bench.plan({
      snapshot: await bench.snapshot(rows),
      runNumber: 9,
      selected: await bench.select(keys),
      ...options,
    });
    const all = (await bench.rowsOfPages(counts)).flat();
    return { counts, rows: Object.fromEntries(all.map((row) => [row.values[0] ?? '', row.change])) };
  };

  it('counts what the model has, and all else of the selection only', async () => {
    const state = await run(null, 1, [
      ['same', '1'],
      ['change', '1'],
      ['leave', '1'],
      ['leave too', '1'],
    ]);
    const rows: SpoolRow[] = [
      ['same', '1'],
      ['change', '2'],
      ['new', '1'],
      ['new too', '1'],
      ['twice', '1'],
      ['twice', '2'],
      [null, '1'],
      ['', '1'],
    ];
    const { counts, rows: planned } = await restricted(['change', 'new', 'twice', 'leave'], rows, { state });
    expect(planned).toEqual({ change: 'changed', new: 'added' });
    expect(counts.rows).toEqual({ read: 8, added: 1, changed: 1, unchanged: 0, removed: 1, invalid: 2 });
    expect(counts.invalid.counts).toEqual({ null_key: 0, empty_key: 0, duplicate_key: 2 });
  });

  it('sends an unchanged row again under a name of this run, when that is asked for', async () => {
    const rows: SpoolRow[] = [
      ['a', '1'],
      ['b', '1'],
    ];
    const state = await run(null, 1, rows);
    expect((await restricted(['a'], rows, { state })).counts).toMatchObject({ planned: 0 });
    const forced = await restricted(['a'], rows, { state, resendUnchanged: true });
    expect(forced.rows).toEqual({ a: 'unchanged' });
    expect(forced.counts.rows).toMatchObject({ read: 2, unchanged: 1 });
  });

  it('finds keys of any characters', async () => {
    const keys = ['\ufeffx', 'tab\t', 'line\nbreak', '\\N', '"', "'", ' ', '日本', 'null', '\v'];
    const rows = [...keys, 'other'].map((key): SpoolRow => [key, '1']);
    expect((await restricted(keys, rows)).counts).toMatchObject({ planned: keys.length });
  });

  it('of a key that the model does not have sends nothing and counts nothing', async () => {
    const { counts } = await restricted(['stranger'], [['a', '1']]);
    expect(counts).toMatchObject({ planned: 0, pages: 0 });
    expect(counts.rows).toEqual({ read: 1, added: 0, changed: 0, unchanged: 0, removed: 0, invalid: 0 });
    expect((await restricted([], [['a', '1']])).counts).toMatchObject({ planned: 0, rows: { read: 1 } });
  });
});
