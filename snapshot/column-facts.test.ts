import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openWorkbench, type SpoolRow, type Workbench } from '../test/support/snapshot-workbench.ts';
import { escapeSpool } from '../vocabulary/spool.ts';
import { columnFacts, type ColumnFacts } from './column-facts.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

const factsOf = (
  snapshot: Awaited<ReturnType<Workbench['snapshot']>>,
  columns: number,
): Promise<ColumnFacts> => {
  const { blobs, duckdb } = bench;
  const scratch = join(duckdb.scratch, randomUUID());
  return columnFacts({ snapshot, columns, sampleRows: 3, blobs, duckdb, scratch });
};

const value = fc.option(
  fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('', '\\N', '\t', '\n', 'a\tb')),
);
const rows = fc.array(fc.tuple(value, value, value), { maxLength: 30 });

it('the facts of a snapshot are the same in whatever order its rows came, and count every null', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (given) => {
      const facts = await factsOf(await bench.snapshot(given), 3);
      expect(facts.rows).toBe(given.length);
      expect(facts.nulls).toEqual(
        [0, 1, 2].map((place) => given.filter((row) => row[place] === null).length),
      );
      const written = new Set(given.map(spooled));
      for (const sample of facts.samples) expect(written).toContain(JSON.stringify(sample));
      expect(await factsOf(await bench.snapshot([...given].reverse()), 3)).toEqual(facts);
    }),
    { numRuns: 25 },
  );
});

const spooled = (row: SpoolRow): string =>
  JSON.stringify(row.map((each) => (each === null ? null : escapeSpool(each))));

it('a column that has values in few rows only has one in the samples', async () => {
  const many = Array.from({ length: 100 }, (_, row) => [`u-${row + 100}`, row === 77 ? 'rare' : null]);
  const { nulls, samples } = await factsOf(await bench.snapshot(many), 2);
  expect(nulls).toEqual([0, 99]);
  expect(samples.slice(0, 3).map(([key]) => key)).toEqual(['u-100', 'u-101', 'u-102']);
  expect(samples).toContainEqual(['u-177', 'rare']);
});

it('wide rows by the thousand fit into the memory that all activities of a worker share', async () => {
  const wide = (row: number): string => `u-${row}\t${`${row % 10}`.repeat(30_000)}\t${'x'.repeat(30_000)}\n`;
  const spool = Readable.from(
    (function* () {
      for (let row = 0; row < 5000; row++) yield Buffer.from(wide(row));
    })(),
  );
  expect(await factsOf(await bench.snapshotOfSpool(spool), 3)).toMatchObject({
    rows: 5000,
    nulls: [0, 0, 0],
  });
}, 60_000);
