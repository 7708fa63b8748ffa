import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { readRun } from '../ledger/runs.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { Source } from '../sources/source.ts';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import { openWorkbench, type Workbench } from '../test/support/snapshot-workbench.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { ErrorCode } from '../vocabulary/errors.ts';
import type { Piece, Place } from '../vocabulary/spool.ts';
import type { Dependencies } from './dependencies.ts';
import { readSnapshot } from './read-snapshot.ts';

let bench: LedgerWorkbench;
let disk: Workbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
  disk = await openWorkbench();
});
afterAll(() => Promise.all([bench.close(), disk.close()]));

const columns: Column[] = [{ name: 'id', kind: 'integer', sourceType: 'bigint' }];

/** A source whose result is kept at a place, and that fails once it has told it. */
function failing(code: ErrorCode): { source: Source; released: Place[] } {
  const released: Place[] = [];
  async function* pieces(): AsyncGenerator<Piece> {
    yield await Promise.resolve({ place: { kept: code } });
    throw new BackhaulError(code);
  }
  const source: Source = {
    validate: () => Promise.resolve({ warnings: [] }),
    describe: () => Promise.resolve(columns),
    preview: () => Promise.resolve({ columns, rows: [] }),
    read: () => Promise.resolve({ columns, pieces: pieces() }),
    release: (place) => Promise.resolve(void released.push(place)),
    close: () => Promise.resolve(),
  };
  return { source, released };
}

async function afterReading(code: ErrorCode): Promise<{ released: Place[]; kept: unknown }> {
  const { id } = await bench.open(`sync_${code}`);
  const { source, released } = failing(code);
  const dependencies = { ledger: bench.ledger, ...disk } as unknown as Dependencies;
  const run = await readRun(bench.ledger.db, id);
  const mapping = { columns, digest: 'digest' } as unknown as CompiledMapping;
  const model = { name: 'people', sql: 'select 1' };
  const failure = await new MockActivityEnvironment().run(() =>
    readSnapshot(dependencies, { run, source, model, mapping, progress: { bytes: 0 } }).catch(
      (error: unknown) => error,
    ),
  );
  expect(failure).toMatchObject({ code });
  const { reading: kept } = await bench.ledger.db
    .selectFrom('runs')
    .select('reading')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { released, kept };
}

it.each(['source_timeout', 'run_cancelled', 'source_permission', 'source_result_expired'] as const)(
  'a first read that ends with %s gives back what the warehouse keeps of it',
  async (code) => {
    expect(await afterReading(code)).toEqual({ released: [{ kept: code }], kept: null });
  },
);

it('a read that breaks leaves it to the next attempt', async () => {
  const { kept, released } = await afterReading('source_interrupted');
  expect(released).toEqual([]);
  expect(kept).toMatchObject({ place: { kept: 'source_interrupted' } });
});

it('an attempt that was overtaken leaves it to the other', async () => {
  expect((await afterReading('run_superseded')).released).toEqual([]);
});
