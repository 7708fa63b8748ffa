import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openWorkbench, type Workbench } from '../test/support/snapshot-workbench.ts';
import { indexLine, pageName, readPage } from './pages.ts';
import { blobName } from '../vocabulary/ids.ts';

/** Above a snapshot's part and DuckDB's read buffers, so that borders of files and of buffers fall inside rows. */
const ROWS = 300_000;

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench({ memoryLimitMb: 128 });
});
afterAll(() => bench.close());

const spool = (changed: (row: number) => boolean): Readable =>
  Readable.from(
    (function* () {
      let chunk = '';
      for (let row = 0; row < ROWS; row++) {
        chunk += `user-${row}\tperson-${row}@example.com\t${'x'.repeat(row % 200)}\t${changed(row) ? 'new' : 'old'}\n`;
        if (chunk.length < 65_000) continue;
        yield Buffer.from(chunk);
        chunk = '';
      }
      yield Buffer.from(chunk);
    })(),
  );

it('several hundred thousand rows are planned, each exactly once, within a small memory limit', async () => {
  const first = await bench.snapshotOfSpool(spool(() => false));
  expect(first.rows).toBe(ROWS);
  const plan = await bench.plan({ snapshot: first });
  expect(plan).toMatchObject({ planned: ROWS, pages: Math.ceil(ROWS / 10_000) });

  const keys = new Set<string | null | undefined>();
  const pages = [];
  for (let page = 0; page < plan.pages; page++) {
    const index: string[] = [];
    for (const row of readPage(await bench.blobs.get(pageName(plan.prefix, page)))) {
      keys.add(row.values[0]);
      index.push(indexLine(page, index.length, row));
    }
    const name = blobName('many', `index-${page}`);
    await bench.blobs.put(name, index.join(''));
    pages.push({
      page,
      index: name,
      ranges: [{ first: 0, beyond: index.length, verdict: 'accepted' as const }],
    });
  }
  expect(keys.size).toBe(ROWS);

  const folded = await bench.fold({ state: null, snapshot: first, runNumber: 1, pages });
  expect(folded).toMatchObject({ entries: ROWS, liveEntries: ROWS });
  const second = await bench.snapshotOfSpool(spool((row) => row % 100 === 0));
  const next = await bench.plan({ snapshot: second, state: folded.state, runNumber: 2 });
  expect(next).toMatchObject({
    planned: ROWS / 100,
    rows: { read: ROWS, added: 0, changed: ROWS / 100, unchanged: ROWS - ROWS / 100, removed: 0, invalid: 0 },
  });
}, 120_000);
