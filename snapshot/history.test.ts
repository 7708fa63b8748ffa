import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BlobName } from '../vocabulary/ids.ts';
import { openWorkbench, type SpoolRow, type Workbench } from '../test/support/snapshot-workbench.ts';
import type { PageVerdicts } from './fold-state.ts';
import type { PlannedRow } from './pages.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

/** What becomes of a message. A run that is terminated leaves messages `lost` or `unsent`, like any other. */
const fates = ['accepted', 'rejected', 'lost, arrived', 'lost, did not arrive', 'unsent'] as const;
type Fate = (typeof fates)[number];

interface RunOfHistory {
  rows: SpoolRow[];
  fates: Fate[];
  full: boolean;
  /** Keys that the run is restricted to; null: none is left out. */
  only: string[] | null;
  /** Whether the sync mirrors by then: removed rows are sent as such. */
  mirror?: boolean;
}

const REMOVED = 'removed';
/** The lower half of the fingerprint of removals. */
const REMOVAL = '77';
const valueOf = ({ change, values }: PlannedRow): string =>
  change === 'removed' ? REMOVED : String(values[1] ?? '');

/** Segment as design rule 4 takes it: it drops a messageId that it has seen, and the last message wins. */
class Segment {
  readonly values = new Map<string, string>();
  readonly received: string[] = [];
  readonly #seen = new Set<string>();
  readonly #remembers: boolean;

  constructor(remembers: boolean) {
    this.#remembers = remembers;
  }

  take(row: PlannedRow): void {
    const [key = ''] = row.values;
    const value = valueOf(row);
    const id = messageId(row);
    if (this.#remembers && this.#seen.has(id)) return;
    this.#seen.add(id);
    this.values.set(String(key), value);
    this.received.push(value);
  }
}

const messageId = (row: PlannedRow): string =>
  `${row.values[0]} ${row.sequence} ${row.fingerprint.high}-${row.fingerprint.low}`;

/** The state as design rule 3 says it, in ten lines. */
interface Entry {
  value: string | null;
  sequence: number;
  gone: boolean;
  doubt: { value: string; sequence: number; run: number } | null;
}
type State = Map<string, Entry>;

function expectedPlan(
  state: State,
  rows: ReadonlyMap<string, string>,
  run: number,
  full: boolean,
): Map<string, number> {
  const planned = new Map<string, number>();
  for (const [key, value] of rows) {
    const entry = state.get(key);
    const doubt = entry?.doubt ?? null;
    if (doubt !== null) planned.set(key, doubt.value === value ? doubt.sequence : doubt.run);
    else if (entry === undefined) planned.set(key, 0);
    else if (entry.value !== value) planned.set(key, entry.sequence);
    else if (full) planned.set(key, run);
  }
  return planned;
}

/** What is removed: all that the state has and the rows lack, until that is accepted. */
function expectedRemovals(state: State, rows: readonly SpoolRow[]): Map<string, number> {
  const planned = new Map<string, number>();
  if (rows.some(([key]) => key === null || key === '')) return planned;
  const present = new Set(rows.map(([key]) => key));
  for (const [key, { doubt, sequence, value }] of state) {
    if (present.has(key)) continue;
    if (doubt !== null) planned.set(key, doubt.value === REMOVED ? doubt.sequence : doubt.run);
    else if (value !== REMOVED) planned.set(key, sequence);
  }
  return planned;
}

function fold(
  state: State,
  fateOf: ReadonlyMap<string, [Fate, string, number]>,
  present: ReadonlySet<string>,
  run: number,
  takes: (key: string) => boolean,
): void {
  for (const [key, [fate, value, sequence]] of fateOf) {
    const entry = state.get(key) ?? { value: null, sequence: 0, gone: false, doubt: null };
    if (fate === 'accepted') state.set(key, { value, sequence: run, gone: false, doubt: null });
    if (fate.startsWith('lost')) state.set(key, { ...entry, doubt: { value, sequence, run } });
  }
  for (const [key, entry] of state) if (takes(key)) entry.gone = !present.has(key);
}

const validRows = (rows: readonly SpoolRow[]): Map<string, string> => {
  const counts = new Map<string, number>();
  for (const [key] of rows) if (key) counts.set(key, (counts.get(key) ?? 0) + 1);
  return new Map(rows.flatMap(([key, value]) => (key && counts.get(key) === 1 ? [[key, value ?? '']] : [])));
};

/** Carries out one run for real, on Segment and both states; everything in it is checked against the model. */
async function carryOut(
  segment: Segment,
  before: BlobName | null,
  model: State,
  number: number,
  { rows, fates, full, only, mirror = false }: RunOfHistory,
): Promise<BlobName> {
  const takes = (key: string | null | undefined): boolean => only === null || only.includes(key ?? '');
  const taken = rows.filter(([key]) => only === null || (key !== null && takes(key)));
  const snapshot = await bench.snapshot(rows);
  const selected = only === null ? null : await bench.select(only);
  // A run of some rows removes nobody.
  const removal = mirror && only === null ? REMOVAL : null;
  const plan = await bench.plan({
    snapshot,
    state: before,
    runNumber: number,
    resendUnchanged: full,
    selected,
    removal,
  });
  const pages = await bench.rowsOfPages(plan);
  const planned = pages.flat();
  const removals = removal === null ? [] : expectedRemovals(model, rows);
  const expected = new Map([...expectedPlan(model, validRows(taken), number, full), ...removals]);
  expect(new Map(planned.map((row) => [row.values[0], row.sequence]))).toEqual(expected);
  expect(plan).toMatchObject({ planned: expected.size, rows: { read: rows.length } });
  const { added, changed, unchanged, removed, invalid } = plan.rows;
  expect(added + changed + unchanged + invalid).toBe(taken.length);
  const present = new Set(rows.map(([key]) => String(key)));
  // A mirror removes until that is accepted, whenever the key left.
  const isDone = ({ doubt, gone, value }: Entry): boolean =>
    removal === null ? gone : value === REMOVED && doubt === null;
  const left = [...model].filter(([key, entry]) => takes(key) && !isDone(entry) && !present.has(key));
  expect(removed).toBe(left.length);

  const fateOf = new Map<string, [Fate, string, number]>();
  const verdicts: PageVerdicts[] = [];
  for (const [page, rowsOfPage] of pages.entries()) {
    const ranges: PageVerdicts['ranges'] = [];
    for (const [first, row] of rowsOfPage.entries()) {
      const fate = fates.length === 0 ? 'accepted' : (fates[fateOf.size % fates.length] ?? 'accepted');
      const [key] = row.values;
      const value = valueOf(row);
      fateOf.set(key ?? '', [fate, value, row.sequence]);
      if (fate === 'accepted' || fate === 'lost, arrived') segment.take(row);
      if (fate === 'accepted') ranges.push({ first, beyond: first + 1, verdict: 'accepted' });
      if (fate.startsWith('lost')) ranges.push({ first, beyond: first + 1, verdict: 'in_doubt' });
      // What Segment says it took it has: no id was taken for that of an earlier change.
      if (fate === 'accepted') expect(segment.values.get(key ?? '')).toBe(value);
    }
    verdicts.push({ page, index: await bench.index(page, rowsOfPage), ranges });
  }
  const folded = await bench.fold({ state: before, snapshot, runNumber: number, pages: verdicts, selected });
  fold(model, fateOf, present, number, takes);
  expect(folded).toMatchObject({
    entries: model.size,
    liveEntries: [...model.values()].filter((entry) => !entry.gone).length,
  });
  return folded.state;
}

const key = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', 'c', 'd'), weight: 12 },
  { arbitrary: fc.constantFrom('', null), weight: 1 },
);
const history = fc.array(
  fc.record<RunOfHistory>({
    rows: fc.array(fc.tuple(key, fc.constantFrom('A', 'B', 'C')), { maxLength: 5 }),
    fates: fc.array(fc.constantFrom(...fates), { maxLength: 5 }),
    full: fc.boolean(),
    only: fc.option(fc.subarray(['a', 'b', 'c', 'd', 'stranger'], { minLength: 1 }), { freq: 2 }),
    mirror: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('whatever happened to earlier runs', () => {
  it.each([
    ['remembers messageIds', true],
    ['has forgotten messageIds', false],
  ])(
    'a run that is accepted leaves Segment with the values of the model, when Segment %s',
    async (_, remembers) => {
      await fc.assert(
        fc.asyncProperty(
          history,
          fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 4, maxLength: 4 }),
          async (runs, last) => {
            const segment = new Segment(remembers);
            const model: State = new Map();
            let state: BlobName | null = null;
            let number = 0;
            for (const run of runs) state = await carryOut(segment, state, model, ++number, run);
            const rows = ['a', 'b', 'c', 'd'].map((name, position): SpoolRow => [
              name,
              last[position] ?? 'A',
            ]);
            state = await carryOut(segment, state, model, ++number, {
              rows,
              fates: [],
              full: false,
              only: null,
            });
            expect(Object.fromEntries(segment.values)).toEqual(Object.fromEntries(rows));
            const again = await bench.plan({
              snapshot: await bench.snapshot(rows),
              state,
              runNumber: ++number,
            });
            expect(again).toMatchObject({ planned: 0, rows: { unchanged: 4 } });

            const left = { rows: rows.slice(2), fates: [], full: false, only: null, mirror: true };
            state = await carryOut(segment, state, model, ++number, left);
            state = await carryOut(segment, state, model, ++number, left);
            const [[, c], [, d]] = left.rows as [SpoolRow, SpoolRow];
            expect(Object.fromEntries(segment.values)).toEqual({ a: REMOVED, b: REMOVED, c, d });
            await carryOut(segment, state, model, ++number, {
              rows,
              fates: [],
              full: false,
              only: null,
              mirror: true,
            });
            expect(Object.fromEntries(segment.values)).toEqual(Object.fromEntries(rows));
          },
        ),
        { numRuns: 15 },
      );
    },
  );

  it('a row that goes A, B, A in three runs arrives three times', async () => {
    const segment = new Segment(true);
    let state: BlobName | null = null;
    const model: State = new Map();
    for (const [position, value] of ['A', 'B', 'A'].entries()) {
      state = await carryOut(segment, state, model, position + 1, {
        rows: [['a', value]],
        fates: [],
        full: false,
        only: null,
      });
    }
    expect(segment.received).toEqual(['A', 'B', 'A']);
  });

  it('a change whose answer was lost arrives once, under one id', async () => {
    const segment = new Segment(true);
    const model: State = new Map();
    const rows: SpoolRow[] = [['a', 'A']];
    const lost = await carryOut(segment, null, model, 1, {
      rows,
      fates: ['lost, arrived'],
      full: false,
      only: null,
    });
    const lostAgain = await carryOut(segment, lost, model, 2, {
      rows,
      fates: ['lost, arrived'],
      full: false,
      only: null,
    });
    await carryOut(segment, lostAgain, model, 3, { rows, fates: [], full: false, only: null });
    expect(segment.received).toEqual(['A']);
  });

  it('a row sent as B whose answer was lost, and then set back to A, ends as A', async () => {
    const segment = new Segment(true);
    const model: State = new Map();
    const first = await carryOut(segment, null, model, 1, {
      rows: [['a', 'A']],
      fates: [],
      full: false,
      only: null,
    });
    const second = await carryOut(segment, first, model, 2, {
      rows: [['a', 'B']],
      fates: ['lost, arrived'],
      full: false,
      only: null,
    });
    await carryOut(segment, second, model, 3, { rows: [['a', 'A']], fates: [], full: false, only: null });
    expect(segment.received).toEqual(['A', 'B', 'A']);
  });
});
