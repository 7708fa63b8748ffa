import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BlobName } from '../vocabulary/ids.ts';
import { openWorkbench, type SnapshotAtRest, type Workbench } from '../test/support/snapshot-workbench.ts';
import type { PlannedRow } from './pages.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const row = (key: string, high: string, sequence: number): PlannedRow => ({
  change: 'changed',
  sequence,
  fingerprint: { high, low: `${high}0` },
  values: [key],
});

interface Entry {
  k: string;
  fh: bigint | null;
  fl: bigint | null;
  seq: bigint;
  gone: boolean;
  doubt_fh: bigint | null;
  doubt_fl: bigint | null;
  doubt_seq: bigint | null;
  doubt_run: bigint | null;
}

const entries = async (state: BlobName): Promise<Entry[]> => (await bench.read(state)) as unknown as Entry[];

const all = (first: number, beyond: number, verdict: 'accepted' | 'in_doubt') => ({ first, beyond, verdict });

const noDoubt = { doubt_fh: null, doubt_fl: null, doubt_seq: null, doubt_run: null };

describe('a state', () => {
  let snapshot: SnapshotAtRest;
  beforeAll(async () => {
    snapshot = await bench.snapshot([['a'], ['b'], ['c'], ['d']]);
  });

  /** Keys a, b, c accepted in run 1. */
  const begun = async (): Promise<BlobName> => {
    const index = await bench.index(0, [row('a', '11', 0), row('b', '12', 0), row('c', '13', 0)]);
    const pages = [{ page: 0, index, ranges: [all(0, 3, 'accepted')] }];
    return (await bench.fold({ state: null, snapshot, runNumber: 1, pages })).state;
  };

  it('takes what was accepted, with the number of the run as sequence', async () => {
    expect(await entries(await begun())).toEqual(
      [
        { k: 'a', fh: 11n, fl: 110n },
        { k: 'b', fh: 12n, fl: 120n },
        { k: 'c', fh: 13n, fl: 130n },
      ].map((entry) => ({ ...entry, seq: 1n, gone: false, ...noDoubt })),
    );
  });

  it('keeps what was not posted as it was, and notes what is in doubt beside it', async () => {
    const index = await bench.index(3, [
      row('a', '21', 1),
      row('b', '22', 1),
      row('d', '24', 0),
      row('c', '23', 1),
    ]);
    const pages = [{ page: 3, index, ranges: [all(0, 1, 'accepted'), all(1, 3, 'in_doubt')] }];
    const folded = await bench.fold({ state: await begun(), snapshot, runNumber: 2, pages });
    expect(folded).toMatchObject({ entries: 4, liveEntries: 4 });
    expect(await entries(folded.state)).toEqual([
      { k: 'a', fh: 21n, fl: 210n, seq: 2n, gone: false, ...noDoubt },
      {
        k: 'b',
        fh: 12n,
        fl: 120n,
        seq: 1n,
        gone: false,
        doubt_fh: 22n,
        doubt_fl: 220n,
        doubt_seq: 1n,
        doubt_run: 2n,
      },
      { k: 'c', fh: 13n, fl: 130n, seq: 1n, gone: false, ...noDoubt },
      {
        k: 'd',
        fh: null,
        fl: null,
        seq: 0n,
        gone: false,
        doubt_fh: 24n,
        doubt_fl: 240n,
        doubt_seq: 0n,
        doubt_run: 2n,
      },
    ]);
  });

  it('marks a key that left the model gone and drops none', async () => {
    const smaller = await bench.snapshot([['b'], [null], ['']]);
    const folded = await bench.fold({ state: await begun(), snapshot: smaller, runNumber: 2, pages: [] });
    expect(folded).toMatchObject({ entries: 3, liveEntries: 1 });
    expect((await entries(folded.state)).map(({ k, gone, seq }) => [k, gone, seq])).toEqual([
      ['a', true, 1n],
      ['b', false, 1n],
      ['c', true, 1n],
    ]);
  });

  it('of a run that was restricted leaves what was not selected as it was', async () => {
    const fold = async (state: BlobName, runNumber: number, rows: string[], only: string[] | null) =>
      bench.fold({
        state,
        snapshot: await bench.snapshot(rows.map((key) => [key])),
        runNumber,
        pages: [],
        selected: only === null ? null : await bench.select(only),
      });
    const gone = async (state: BlobName) =>
      Object.fromEntries((await entries(state)).map(({ k, gone }) => [k, gone]));
    const left = await fold(await begun(), 2, ['c'], ['a']);
    expect(left).toMatchObject({ entries: 3, liveEntries: 2 });
    expect(await gone(left.state)).toEqual({ a: true, b: false, c: false });
    const whole = await fold(left.state, 3, ['c'], null);
    expect(await gone(whole.state)).toEqual({ a: true, b: true, c: false });
    const back = await fold(whole.state, 4, ['a', 'b', 'c'], ['b', 'stranger']);
    expect(back).toMatchObject({ entries: 3, liveEntries: 2 });
    expect(await gone(back.state)).toEqual({ a: true, b: false, c: false });
  });

  it('of a model that returned nothing is all gone', async () => {
    const folded = await bench.fold({
      state: await begun(),
      snapshot: await bench.snapshot([]),
      runNumber: 2,
      pages: [],
    });
    expect(folded).toMatchObject({ entries: 3, liveEntries: 0 });
  });

  it('has one entry for a key that the model returned twice', async () => {
    const twice = await bench.snapshot([['a'], ['a'], ['b'], ['c']]);
    const folded = await bench.fold({ state: await begun(), snapshot: twice, runNumber: 2, pages: [] });
    expect(folded).toMatchObject({ entries: 3, liveEntries: 3 });
  });

  it('brings a key back that returned', async () => {
    const gone = await bench.fold({
      state: await begun(),
      snapshot: await bench.snapshot([['a']]),
      runNumber: 2,
      pages: [],
    });
    const back = await bench.fold({ state: gone.state, snapshot, runNumber: 3, pages: [] });
    expect(back).toMatchObject({ entries: 3, liveEntries: 3 });
  });

  it('keeps a doubt until the key is answered for, and then has the newest', async () => {
    const post = async (
      state: BlobName | null,
      runNumber: number,
      planned: PlannedRow,
      verdict?: 'accepted' | 'in_doubt',
    ) => {
      const index = await bench.index(0, [planned]);
      const pages = [{ page: 0, index, ranges: verdict === undefined ? [] : [all(0, 1, verdict)] }];
      return (await bench.fold({ state, snapshot, runNumber, pages })).state;
    };
    const doubted = await post(await begun(), 2, row('a', '21', 1), 'in_doubt');
    const unsent = await post(doubted, 3, row('a', '31', 2));
    expect((await entries(unsent))[0]).toMatchObject({
      fh: 11n,
      doubt_fh: 21n,
      doubt_seq: 1n,
      doubt_run: 2n,
    });
    const doubtedAgain = await post(unsent, 4, row('a', '41', 2), 'in_doubt');
    expect((await entries(doubtedAgain))[0]).toMatchObject({
      fh: 11n,
      seq: 1n,
      doubt_fh: 41n,
      doubt_seq: 2n,
      doubt_run: 4n,
    });
    const accepted = await post(doubtedAgain, 5, row('a', '51', 4), 'accepted');
    expect((await entries(accepted))[0]).toEqual({
      k: 'a',
      fh: 51n,
      fl: 510n,
      seq: 5n,
      gone: false,
      ...noDoubt,
    });
  });

  it('takes the verdicts of each page for that page', async () => {
    const pages = [
      {
        page: 0,
        index: await bench.index(0, [row('a', '21', 1), row('b', '22', 1)]),
        ranges: [all(1, 2, 'accepted')],
      },
      {
        page: 1,
        index: await bench.index(1, [row('c', '23', 1), row('d', '24', 0)]),
        ranges: [all(0, 1, 'accepted')],
      },
    ];
    const folded = await bench.fold({ state: await begun(), snapshot, runNumber: 2, pages });
    expect((await entries(folded.state)).map(({ k, seq }) => [k, seq])).toEqual([
      ['a', 1n],
      ['b', 2n],
      ['c', 2n],
    ]);
  });

  it('holds fingerprints of all 64 bits and keys of any characters', async () => {
    const largest = '18446744073709551615';
    const keys = ['\\N', '"', "'", 'tab\\t', '\ufeffx', ' ', 'null', '日本'];
    const rows = keys.map((key) => ({ ...row(key, '1', 0), fingerprint: { high: largest, low: largest } }));
    const pages = [{ page: 0, index: await bench.index(0, rows), ranges: [all(0, keys.length, 'accepted')] }];
    const { state } = await bench.fold({ state: null, snapshot, runNumber: 1, pages });
    const read = await bench.read(state, 'hex(encode(k)) as k, fh, fl');
    expect(read.map((entry) => Buffer.from(String(entry['k']), 'hex').toString()).sort()).toEqual(
      [...keys].sort(),
    );
    expect(read.every(({ fh, fl }) => fh === BigInt(largest) && fl === BigInt(largest))).toBe(true);
  });
});
