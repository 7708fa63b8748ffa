import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endReading, forgetReading, takeOverReading } from '../ledger/reading.ts';
import { closeRun, readRun } from '../ledger/runs.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { Source } from '../sources/source.ts';
import { activityEnvironment } from '../test/support/activity-environment.ts';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import { openWorkbench, type Workbench } from '../test/support/snapshot-workbench.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { ErrorCode } from '../vocabulary/errors.ts';
import type { Piece, Place } from '../vocabulary/spool.ts';
import type { Dependencies } from './dependencies.ts';
import { readSnapshot, type ReadSnapshot } from './read-snapshot.ts';

let bench: LedgerWorkbench;
let rest: Workbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
  rest = await openWorkbench();
});
afterAll(async () => {
  await rest.close();
  await bench.close();
});

const ID: Column = { name: 'id', kind: 'integer', sourceType: 'int' };
const COLUMNS = [ID];
const parts: Partial<CompiledMapping> = { digest: 'digest', columns: COLUMNS, keyColumns: [ID] };
const mapping = parts as CompiledMapping;
/** Enough for a part of its own. */
const ROWS = `${'x'.repeat(999)}\n`.repeat(25_000);

/** A warehouse whose queries are numbered as they begin; the place tells the number. */
function warehouse(pieces: (from: Place | null, query: number) => AsyncIterable<Piece>, columns = COLUMNS) {
  let queries = 0;
  const released: unknown[] = [];
  const source: Pick<Source, 'read' | 'release'> = {
    read: async (_model, _names, { from }) => ({
      columns,
      pieces: pieces(from, from === null ? ++queries : Number(from.query)),
    }),
    release: async (place) => void released.push(place.query),
  };
  return { source: source as Source, released, queries: () => queries };
}

async function attempt(id: string, source: Source): Promise<ReadSnapshot> {
  const run = await readRun(bench.ledger.db, id);
  const dependencies = { ledger: bench.ledger, blobs: rest.blobs, duckdb: rest.duckdb };
  return activityEnvironment().run(() =>
    readSnapshot(dependencies as unknown as Dependencies, {
      run,
      source,
      model: { name: 'm', sql: 'select 1' },
      mapping,
      carried: null,
      progress: { bytes: 0 },
      onProgress: () => undefined,
    }),
  );
}
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof BackhaulError ? error.code : error),
  );
const left = async (id: string): Promise<unknown> => (await endReading(bench.ledger.db, id))?.place ?? null;

/** A query that fails at once, or after a part that is at rest. */
const failing = (code: ErrorCode, rows = '') =>
  warehouse(async function* (_from, query) {
    yield { place: { query, at: 0 } };
    if (rows !== '') {
      yield Buffer.from(rows);
      yield { place: { query, at: 1 } };
    }
    throw new BackhaulError(code);
  });

describe('a read of a warehouse that keeps results', () => {
  it('runs the query again when its result fails again and again, and leaves none behind', async () => {
    const { id } = await bench.open('stalled');
    const broken = failing('source_interrupted');
    const codes = [];
    for (let count = 0; count < 5; count += 1) codes.push(await codeOf(attempt(id, broken.source)));
    expect(codes).toEqual(Array(5).fill('source_interrupted'));
    expect(broken.queries()).toBe(2);
    expect(broken.released).toEqual([1]);
    expect(await left(id)).toEqual({ query: 2, at: 0 });
  });

  it('goes on as long as each attempt comes further', async () => {
    const { id } = await bench.open('further');
    const slow = warehouse(async function* (from, query) {
      const at = Number(from?.at ?? 0);
      yield { place: { query, at } };
      if (at === 6) return;
      yield Buffer.from(ROWS);
      yield { place: { query, at: at + 1 } };
      throw new BackhaulError('source_interrupted');
    });
    for (let count = 0; count < 6; count += 1)
      expect(await codeOf(attempt(id, slow.source))).toBe('source_interrupted');
    const taken = await attempt(id, slow.source);
    expect([taken.rows, taken.segments.length, slow.queries()]).toEqual([6 * 25_000, 6, 1]);
    await taken.done();
    expect([slow.released, await left(id)]).toEqual([[1], null]);
  });

  it.each(['source_result_expired', 'source_partial_result', 'source_changed'] as const)(
    'begins anew after %s, and gives the old result back',
    async (code) => {
      const { id } = await bench.open(code);
      const broken = failing(code, ROWS);
      expect(await codeOf(attempt(id, broken.source))).toBe(code);
      expect(broken.released).toEqual([1]);
      expect(await left(id)).toBeNull();
    },
  );

  it('leaves what it knows to the end of the run when it was cancelled or cannot be mended', async () => {
    for (const code of ['run_cancelled', 'source_permission'] as const) {
      const { id } = await bench.open(code);
      const broken = failing(code, ROWS);
      expect(await codeOf(attempt(id, broken.source))).toBe(code);
      expect([broken.released, await left(id)]).toEqual([[], { query: 1, at: 1 }]);
    }
  });

  it('begins nothing for a run that has ended', async () => {
    const { id } = await bench.open('ended');
    const late = failing('source_interrupted');
    await closeRun(bench.ledger.db, id);
    expect(await codeOf(attempt(id, late.source))).toBe('run_superseded');
    expect(late.queries()).toBe(0);
  });

  it('ends a query that began while the run ended, and not that of an attempt which took over', async () => {
    for (const [how, released] of [
      ['run', [1]],
      ['attempt', []],
    ] as const) {
      const { id } = await bench.open(`late_${how}`);
      const late = warehouse(async function* (_from, query) {
        if (how === 'attempt') await takeOverReading(bench.ledger.db, id, 'another');
        else {
          await closeRun(bench.ledger.db, id);
          expect(await endReading(bench.ledger.db, id)).toBeNull();
        }
        yield { place: { query } };
      });
      expect(await codeOf(attempt(id, late.source))).toBe('run_superseded');
      expect([how, late.released]).toEqual([how, released]);
    }
  });

  it('that was taken over by another attempt does not give back the result that the other reads', async () => {
    const { id } = await bench.open('two');
    const both = warehouse(async function* (_from, query) {
      yield { place: { query } };
      yield Buffer.from('1\n');
    });
    const slow = await attempt(id, both.source);
    expect(await takeOverReading(bench.ledger.db, id, 'another')).toMatchObject({ place: { query: 1 } });
    await slow.done();
    expect(both.released).toEqual([]);
    expect(await forgetReading(bench.ledger.db, id, 'another')).toBe(true);
  });

  it('ends the query when the ledger cannot be told of it', async () => {
    const { id } = await bench.open('untold');
    const run = await readRun(bench.ledger.db, id);
    const ledger = bench.anotherLedger();
    const cut = warehouse(async function* (_from, query) {
      await ledger.close();
      yield { place: { query } };
    });
    const reading = {
      run,
      source: cut.source,
      model: { name: 'm', sql: 's' },
      mapping,
      carried: null,
      progress: { bytes: 0 },
      onProgress: () => undefined,
    };
    const dependencies = { ledger, blobs: rest.blobs, duckdb: rest.duckdb } as unknown as Dependencies;
    const failed = activityEnvironment().run(() => readSnapshot(dependencies, reading));
    expect(await codeOf(failed)).not.toBeNull();
    expect(cut.released).toEqual([1]);
  });

  it('of other columns than were described begins anew', async () => {
    const { id } = await bench.open('other_columns');
    const changed = warehouse(
      async function* (_from, query) {
        yield { place: { query } };
        yield Buffer.from('1\n');
      },
      [{ name: 'id', kind: 'text', sourceType: 'text' }],
    );
    expect(await codeOf(attempt(id, changed.source))).toBe('source_changed');
    expect([changed.released, await left(id)]).toEqual([[1], null]);
  });
});
