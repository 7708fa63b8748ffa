import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChangePolicy, SyncDefinition } from '../definitions/sync.ts';
import { nextMappings, type StateMapping } from '../ledger/state-record.ts';
import type { StatePointer } from '../ledger/states.ts';
import { compileMapping } from '../mapping/compile.ts';
import type { PageVerdicts } from '../snapshot/fold-state.ts';
import type { PlannedRow } from '../snapshot/pages.ts';
import { column } from '../test/support/columns.ts';
import { openWorkbench, type Workbench } from '../test/support/snapshot-workbench.ts';
import type { BlobName } from '../vocabulary/ids.ts';
import { compareWith } from './compare-with.ts';
import { chooseMode } from './mode.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

/** A row of the table behind the model: the model has `x`, and from some day on `y`. */
interface TableRow {
  key: string;
  x: string;
  y: string;
}
type Field = 'x' | 'y';

/** What the definition and the model can be on the day of a run. */
const variants: readonly { model: readonly Field[]; sync: Partial<SyncDefinition> }[] = [
  { model: ['x'], sync: { properties: 'all' } },
  { model: ['x', 'y'], sync: { properties: 'all' } },
  { model: ['x', 'y'], sync: { properties: 'all', exclude: ['x'] } },
  { model: ['x', 'y'], sync: { mapping: [{ from: 'x', to: 'X' }] } },
  { model: ['x', 'y'], sync: { properties: 'all', mapping: [{ constant: 1, to: 'one' }] } },
];
const mappings = variants.map(({ model, sync }) => {
  const described = ['id', ...model].map((name) => column(name));
  const definition = {
    key: { from: 'id', to: 'userId' },
    properties: 'selected',
    normalization: 'match_source_names',
    mapping: [],
    nulls: 'send',
    ...sync,
  } as unknown as SyncDefinition;
  return { definition, described, compiled: compileMapping(definition, described) };
});

const fates = ['accepted', 'rejected', 'lost, arrived', 'lost, did not arrive', 'unsent'] as const;
type Fate = (typeof fates)[number];

interface Day {
  variant: number;
  rows: TableRow[];
  what: 'run' | 'full' | 'adopt' | 'interrupted adopt';
  policy: ChangePolicy;
  fates: readonly Fate[];
}

interface Entry {
  /** The mapping's digest and the values that it read; null: nothing was accepted. */
  said: string | null;
  sequence: number;
  gone: boolean;
  doubt: { said: string; sequence: number; run: number } | null;
}

interface World {
  run: number;
  blob: BlobName | null;
  digest: string | null;
  mappings: StateMapping[];
  /** The state as design rule 3 says it. */
  entries: Map<string, Entry>;
  seen: Set<string>;
  /** What Segment last took of each user. */
  users: Map<string, string>;
}

const begin = (): World => ({
  run: 0,
  blob: null,
  digest: null,
  mappings: [],
  entries: new Map(),
  seen: new Set(),
  users: new Map(),
});

/** What a row says by a mapping. */
const saidBy = ({ columns, digest }: Pick<StateMapping, 'columns' | 'digest'>, row: TableRow): string =>
  [digest, ...columns.map(({ name }) => (name === 'id' ? row.key : row[name as Field]))].join(' ');

const pointerOf = (world: World): StatePointer => ({
  id: 'a-state',
  generation: 1,
  identity: { writeKeyDigest: 'w', object: 'user', keyColumn: 'id', keyTo: 'userId', keyKind: 'text' },
  blob: world.blob,
  entries: world.entries.size,
  liveEntries: world.entries.size,
  mappingDigest: world.digest,
  traits: null,
  mappings: world.mappings,
  runNumber: world.run,
});

/** Carries out one day as the steps of a run do it, and checks the plan and the state against the model. */
async function live(world: World, { fates: given, policy, rows, variant, what }: Day): Promise<number> {
  const { compiled, definition, described } = mappings[variant] ?? missing();
  const number = ++world.run;
  const adopts = what.endsWith('adopt');
  const full = what === 'full';
  const { earlier } = chooseMode(
    { full, adopt: adopts ? { condition: null } : null },
    { ...definition, onChange: { mapping: policy, newColumn: policy } },
    described,
    pointerOf(world),
    compiled,
  );
  const compared = compareWith(earlier, compiled.columns, described);
  const read = [...compiled.columns, ...(compared?.beside ?? [])];
  const snapshot = await bench.snapshot(
    rows.map((row) => read.map(({ name }) => (name === 'id' ? row.key : row[name as Field]))),
    compiled.digest,
    {
      earlier: compared && { width: compiled.columns.length, fingerprints: compared.fingerprints },
    },
  );
  const plan = await bench.plan({
    snapshot,
    state: world.blob,
    runNumber: number,
    resendUnchanged: full,
    adopts,
  });

  const valid = rows.filter(({ key }) => rows.filter((other) => other.key === key).length === 1);
  const now = (row: TableRow): string => saidBy(compiled, row);
  const isCarried = (row: TableRow): boolean => {
    const said = world.entries.get(row.key)?.said ?? null;
    return said !== now(row) && earlier.some((mapping) => saidBy(mapping, row) === said);
  };
  const due = (row: TableRow): boolean => {
    const entry = world.entries.get(row.key);
    if (adopts) return entry === undefined;
    if (entry === undefined || entry.said === null || entry.doubt !== null || full) return true;
    return entry.said !== now(row) && !isCarried(row);
  };
  const pages = await bench.rowsOfPages(plan);
  const planned = pages.flat();
  const expected = valid.filter(due);
  expect(planned.map((row) => row.values[0]).sort()).toEqual(expected.map(({ key }) => key).sort());
  // What is only compared by is not sent.
  for (const row of planned) expect(row.values).toHaveLength(compiled.columns.length);

  const byKey = new Map(rows.map((row) => [row.key, row]));
  const verdicts: PageVerdicts[] = [];
  let answered = 0;
  const fateOf = new Map<string, Fate>();
  for (const [page, rowsOfPage] of pages.entries()) {
    const ranges: PageVerdicts['ranges'] = [];
    for (const [first, row] of rowsOfPage.entries()) {
      const fate =
        adopts || given.length === 0 ? 'accepted' : (given[fateOf.size % given.length] ?? 'accepted');
      const key = row.values[0] ?? '';
      fateOf.set(key, fate);
      const said = now(byKey.get(key) ?? missing());
      if (!adopts && (fate === 'accepted' || fate === 'lost, arrived')) take(world, key, said, row);
      // What Segment says it took it has: no id was that of an earlier change.
      if (!adopts && fate === 'accepted') expect(world.users.get(key)).toBe(said);
      if (fate === 'accepted' || fate === 'rejected') answered += 1;
      if (fate === 'accepted') ranges.push({ first, beyond: first + 1, verdict: 'accepted' });
      if (fate.startsWith('lost')) ranges.push({ first, beyond: first + 1, verdict: 'in_doubt' });
    }
    verdicts.push({ page, index: await bench.index(page, rowsOfPage), ranges });
  }
  if (what === 'interrupted adopt') return planned.length;

  const isComplete = answered === planned.length;
  const isDelivered = isComplete && (!adopts || world.blob === null || world.digest === null);
  const carries = isComplete && plan.carried > 0;
  const folded = await bench.fold({
    state: world.blob,
    snapshot,
    runNumber: number,
    pages: verdicts,
    carries,
    keepsOthers: adopts,
  });
  for (const row of valid) {
    const entry = world.entries.get(row.key);
    if (isComplete && entry !== undefined && !fateOf.has(row.key) && isCarried(row)) entry.said = now(row);
  }
  for (const { sequence, values } of planned) {
    const key = values[0] ?? '';
    const said = now(byKey.get(key) ?? missing());
    const entry = world.entries.get(key) ?? { said: null, sequence: 0, gone: false, doubt: null };
    const fate = fateOf.get(key) ?? 'unsent';
    if (fate === 'accepted') world.entries.set(key, { said, sequence: number, gone: false, doubt: null });
    if (fate.startsWith('lost'))
      world.entries.set(key, { ...entry, doubt: { said, sequence, run: number }, gone: false });
  }
  if (!adopts) for (const [key, entry] of world.entries) entry.gone = !byKey.has(key);
  expect(folded).toMatchObject({
    entries: world.entries.size,
    liveEntries: [...world.entries.values()].filter((entry) => !entry.gone).length,
  });
  const own = {
    digest: compiled.digest,
    columns: compiled.columns,
    known: described.map(({ name }) => name),
  };
  world.mappings = nextMappings(world.mappings, world.digest, own, isDelivered);
  if (isDelivered) world.digest = compiled.digest;
  world.blob = folded.state;
  return planned.length;
}

function missing(): never {
  throw new Error('there is no such variant or row');
}

/** Segment drops a messageId that it has seen. */
function take(world: World, key: string, said: string, { fingerprint, sequence }: PlannedRow): void {
  const id = `${key} ${sequence} ${fingerprint.high}-${fingerprint.low}`;
  if (world.seen.has(id)) return;
  world.seen.add(id);
  world.users.set(key, said);
}

const value = fc.constantFrom('A', 'B');
const tableRow = fc.record<TableRow>({ key: fc.constantFrom('a', 'b', 'c', 'd'), x: value, y: value });
const variant = fc.nat(variants.length - 1);
const policy = fc.oneof(
  { arbitrary: fc.constant<ChangePolicy>('going_forward'), weight: 3 },
  { arbitrary: fc.constant<ChangePolicy>('resend'), weight: 1 },
);
const day = fc.record<Day>({
  variant,
  rows: fc.array(tableRow, { maxLength: 5 }),
  what: fc.oneof(
    { arbitrary: fc.constant<Day['what']>('run'), weight: 5 },
    { arbitrary: fc.constantFrom<Day['what']>('full', 'adopt', 'interrupted adopt'), weight: 2 },
  ),
  policy,
  fates: fc.array(fc.constantFrom(...fates), { maxLength: 4 }),
});
const calm = { what: 'run', fates: [] } as const;

describe('whatever was adopted, carried over or cut short before', () => {
  it('a run sends what is due by its own mapping or an earlier one, and the next one only what changes then', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(day, { minLength: 1, maxLength: 7 }),
        variant,
        policy,
        fc.array(fc.tuple(value, value), { minLength: 4, maxLength: 4 }),
        async (days, last, lastPolicy, values) => {
          const world = begin();
          for (const one of days) await live(world, one);
          const rows = values.map(([x, y], position) => ({ key: 'abcd'.charAt(position), x, y }));
          const end = { ...calm, variant: last, policy: lastPolicy };
          await live(world, { ...end, rows });
          expect(await live(world, { ...end, rows })).toBe(0);
          const changed = rows.map((row) =>
            row.key === 'b' ? { ...row, x: `${row.x}2`, y: `${row.y}2` } : row,
          );
          expect(await live(world, { ...end, rows: changed })).toBe(1);
          expect(world.users.has('b')).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  const people = (x: string, y = 'A'): TableRow[] => [...'abc'].map((key) => ({ key, x, y }));
  const forward = { ...calm, policy: 'going_forward' } as const;

  it('a change that goes forward and is cut short sends each row that changed, once', async () => {
    const world = begin();
    await live(world, { ...forward, variant: 0, rows: people('A') });
    const rows = people('B').map((row) => (row.key === 'c' ? { ...row, x: 'A' } : row));
    const cut: Day = { ...forward, variant: 4, rows, fates: ['accepted', 'unsent'] };
    expect(await live(world, cut)).toBe(2);
    expect(await live(world, { ...cut, fates: [] })).toBe(1);
    expect(await live(world, { ...cut, fates: [] })).toBe(0);
  });

  it('another change on top of one that was cut short sends no row that stayed as it was', async () => {
    const world = begin();
    await live(world, { ...forward, variant: 0, rows: people('A') });
    await live(world, { ...forward, variant: 4, rows: people('B'), fates: ['accepted', 'unsent'] });
    expect(world.mappings).toHaveLength(2);
    expect(await live(world, { ...forward, variant: 1, rows: people('B') })).toBe(1);
    expect(world.mappings).toHaveLength(1);
  });

  it('a row that was adopted and then changes is sent once', async () => {
    const world = begin();
    expect(
      await live(world, { ...calm, what: 'adopt', policy: 'resend', variant: 0, rows: people('A') }),
    ).toBe(3);
    expect(world.users.size).toBe(0);
    const rows = people('A').map((row) => (row.key === 'b' ? { ...row, x: 'B' } : row));
    expect(await live(world, { ...forward, variant: 0, rows })).toBe(1);
    expect([...world.users.keys()]).toEqual(['b']);
  });
});
