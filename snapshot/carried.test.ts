import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openWorkbench, type SpoolRow, type Workbench } from '../test/support/snapshot-workbench.ts';
import { MAX_LINE_BYTES } from '../vocabulary/spool.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const partOf = async (snapshot: Awaited<ReturnType<Workbench['snapshot']>>, columns: string) => {
  const [segment] = snapshot.segments;
  return bench.read(`${segment?.prefix}/part-0.parquet` as Parameters<Workbench['read']>[0], columns);
};

const text = fc.oneof(
  fc.constantFrom(null, '', '\t', '\n', '\\N', '\\', 'a\tb', 'ü', "it's"),
  fc.string({ maxLength: 8 }),
);
const rows = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,4}$/), text, text, text), {
  selector: ([key]) => key,
  minLength: 1,
  maxLength: 6,
});

describe('a row beside its own columns', () => {
  it('has by each earlier mapping the fingerprint that it had in a snapshot of that mapping', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.subarray([1, 2, 3]),
        fc.integer({ min: 1, max: 4 }),
        async (all, others, width) => {
          const places = [0, ...others];
          const pick = (row: SpoolRow): SpoolRow => places.map((place) => row[place] ?? null);
          const both = await bench.snapshot(all, 'new', { width, fingerprints: [{ digest: 'old', places }] });
          const alone = await bench.snapshot(
            all.map((row) => row.slice(0, width)),
            'new',
          );
          const old = await bench.snapshot(all.map(pick), 'old');
          expect(await partOf(both, 'k, fh, fl, line')).toEqual(await partOf(alone, 'k, fh, fl, line'));
          expect(await partOf(both, 'k, e0h as fh, e0l as fl')).toEqual(await partOf(old, 'k, fh, fl'));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('has no fingerprint of another row where its line was cut', async () => {
    const long = 'x'.repeat(MAX_LINE_BYTES);
    const both = await bench.snapshot([['a', long, 'behind']], 'new', {
      width: 2,
      fingerprints: [{ digest: 'old', places: [0, 2] }],
    });
    const old = await bench.snapshot([['a', 'behind']], 'old');
    const alone = await bench.snapshot([['a', long]], 'new');
    expect(await partOf(both, 'k, fh, fl')).toEqual(await partOf(alone, 'k, fh, fl'));
    expect(await partOf(both, 'k, e0h as fh, e0l as fl')).not.toEqual(await partOf(old, 'k, fh, fl'));
  });
});

it('a row that was away and is back as it was by the earlier mapping is there again, and is not sent', async () => {
  const state = async (
    run: number,
    digest: string,
    given: SpoolRow[],
    before: Awaited<ReturnType<Workbench['fold']>> | null,
  ) => {
    const fingerprints = [{ digest: 'old', places: [0, 1] }];
    const snapshot = await bench.snapshot(
      given,
      digest,
      digest === 'old' ? null : { width: 2, fingerprints },
    );
    const blob = before?.state ?? null;
    const plan = await bench.plan({ snapshot, state: blob, runNumber: run });
    const pages = await bench.rowsOfPages(plan);
    const posted = await Promise.all(
      pages.map(async (page, number) => ({
        page: number,
        index: await bench.index(number, page),
        ranges: [{ first: 0, beyond: page.length, verdict: 'accepted' as const }],
      })),
    );
    const folded = await bench.fold({ state: blob, snapshot, runNumber: run, pages: posted, carries: true });
    return { plan, ...folded };
  };
  const first = await state(
    1,
    'old',
    [
      ['a', 'A'],
      ['b', 'B'],
    ],
    null,
  );
  const second = await state(2, 'old', [['a', 'A']], first);
  expect(second.liveEntries).toBe(1);
  const third = await state(
    3,
    'new',
    [
      ['a', 'A'],
      ['b', 'B'],
    ],
    second,
  );
  expect(third.plan).toMatchObject({ planned: 0, carried: 2, returned: 1, rows: { unchanged: 2 } });
  expect(third.liveEntries).toBe(2);
  // Its sequence names the run that Segment last took it in.
  expect(await bench.read(third.state, 'k, seq::int as seq, gone')).toEqual([
    { k: 'a', seq: 1, gone: false },
    { k: 'b', seq: 1, gone: false },
  ]);
});
