import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import type { InvalidReason } from '../vocabulary/invalid.ts';
import { noRows, type RowCounts } from '../vocabulary/run.ts';
import { SPOOL_NULL, unescapeSpool } from '../vocabulary/spool.ts';
import type { BlobStore } from './blob-store.ts';
import { sameByEarlier } from './carried.ts';
import type { Snapshot } from './take-snapshot.ts';
import { countsOf, execute, queryRows, quote, withConnection, type DuckDb } from './duckdb.ts';
import { snapshotTable, stateTable } from './local-files.ts';
import { cutPages } from './pages.ts';
import { onlySelected, selectedTable } from './selected-keys.ts';

export interface Plan {
  rows: RowCounts;
  /** Rows and removals that are on pages. */
  planned: number;
  pages: number;
  removals: Removals;
  /** Keys of the state that are gone and came back as they were: nothing to send, but the state has to know. */
  returned: number;
  /** Rows that are unchanged by an earlier mapping alone (snapshot/carried.ts). */
  carried: number;
  /** `blob` holds every duplicated key, as spooled, a line each. */
  invalid: { counts: Partial<Record<InvalidReason, number>>; samples: InvalidKey[]; blob: BlobName | null };
}

/** What is to be sent for keys that left the model. */
export interface Removals {
  /** All of them are on pages, or none. */
  planned: number;
  /** None is sent as long as rows have no key: each may be one of these. */
  heldBack: number;
  /** Keys that Segment has, as far as is known, those of the plan among them. */
  known: number;
}

export interface InvalidKey {
  /** As the source has it; null: it is null. */
  key: string | null;
  reason: InvalidReason;
}

/**
 * Compares a snapshot with a state and brings what is to be sent to rest as pages (snapshot/pages.ts).
 *
 * What a row is, in order: its key is null or empty, or another row has it (invalid, all of them); the state has no
 * entry that Segment accepted (added); it has another fingerprint, also by earlier mappings where the snapshot has
 * those (changed); it is in doubt (changed, always planned); else unchanged, planned only when `resendUnchanged`.
 *
 * A plan that adopts takes the rows that the state has no entry of at all, and touches no other: nothing is removed by it.
 *
 * The sequence names the entry that a message replaces (design rule 4): of an entry in doubt the one that was used
 * when the fingerprint is the same, else the number of the doubting run; of an unchanged row that is sent again this
 * run's own number; otherwise the entry's.
 *
 * A plan that is restricted to selected keys knows of nothing else: of its counts `read` alone is the whole model's.
 *
 * With `append` a row that the state has as accepted is unchanged whatever it says, and nothing is removed.
 *
 * With `removal` a key that the state has and the snapshot lacks is planned as removed, until Segment has accepted that: its
 * entry then has the fingerprint of a removal. One that comes back is added.
 */
export async function makePlan(options: {
  snapshot: Snapshot;
  state: BlobName | null;
  runNumber: number;
  resendUnchanged: boolean;
  /** @default false */
  adopts?: boolean;
  /** Each row once. @default false */
  append?: boolean;
  /** The lower half of the fingerprint of a removal; null: nothing is sent for a removed row. @default null */
  removal?: string | null;
  /** By key, so that the same rows make the same pages; costs a sort. @default false */
  sorted?: boolean;
  /** Keys that the run is restricted to (snapshot/selected-keys.ts); null: all. @default null */
  selected?: BlobName | null;
  prefix: BlobName;
  blobs: BlobStore;
  duckdb: DuckDb;
  scratch: string;
  maxSamples: number;
  /** Of a message besides its row's values. @default 0 */
  bytesPerRow?: number;
  onProgress?: () => void;
}): Promise<Plan> {
  const { blobs, duckdb, prefix, scratch } = options;
  await mkdir(scratch, { recursive: true });
  const model = await snapshotTable(blobs, scratch, options.snapshot);
  const selected = await selectedTable(blobs, scratch, options.selected ?? null);
  const snapshot = onlySelected(model, selected);
  const state = onlySelected(await stateTable(blobs, scratch, options.state), selected);
  return withConnection(duckdb, async (connection) => {
    await execute(
      connection,
      `
      create temp table duplicates as select k, count(*) as rows from ${snapshot}
      where ${hasKey('k')} group by k having count(*) > 1`,
    );
    const rules = rulesOf(options);
    const counts = await count(connection, snapshot, state, rules);
    const duplicateRows = counts.duplicate_rows;
    const invalid = {
      counts: { null_key: counts.null_keys, empty_key: counts.empty_keys, duplicate_key: duplicateRows },
      samples: await invalidSamples(connection, counts, options.maxSamples),
      blob: duplicateRows > 0 ? blobName(prefix, 'duplicates') : null,
    };
    if (invalid.blob !== null) {
      const file = join(scratch, 'duplicates');
      await execute(connection, `copy (select k from duplicates) to ${quote(file)} (${LINES})`);
      await blobs.adopt(file, invalid.blob);
    }
    const rows: RowCounts = {
      ...noRows(),
      read: selected === null ? counts.rows_read : await countRows(connection, model),
      added: counts.added,
      changed: counts.changed,
      unchanged: counts.unchanged,
      removed: counts.removed,
      invalid: counts.null_keys + counts.empty_keys + duplicateRows,
    };
    const isHeld = counts.null_keys + counts.empty_keys > 0;
    const removals: Removals = {
      planned: isHeld ? 0 : counts.to_remove,
      heldBack: isHeld ? counts.to_remove : 0,
      known: counts.known,
    };
    const planned = counts.planned + removals.planned;
    let pages = 0;
    if (planned > 0) {
      const file = join(scratch, 'planned');
      const removed = removals.planned > 0 ? `union all ${removedLines(snapshot, state, rules)}` : '';
      await execute(
        connection,
        `copy (
          select line from (
            select ${line(rules.change, rules.sequence, 'p.fh', 'p.fl', 'p.line')} as line, p.k
            from ${snapshot} p left join ${state} s on s.k = p.k
            where ${VALID} and ${rules.planned}
            ${removed}
          ) ${options.sorted === true ? 'order by k' : ''}
        ) to ${quote(file)} (${LINES})`,
      );
      options.onProgress?.();
      pages = await cutPages(file, prefix, blobs, options);
    }
    return {
      rows,
      planned,
      pages,
      removals,
      returned: counts.returned,
      carried: counts.carried,
      invalid,
    };
  });
}

/** One column as it stands, a line a row. */
const LINES = "format csv, header false, quote '', escape '', delimiter '\f'";

const hasKey = (column: string): string => `${column} <> ${quote(SPOOL_NULL)} and ${column} <> ''`;
const VALID = `${hasKey('p.k')} and not exists (select 1 from duplicates d where d.k = p.k)`;
const LEFT = (snapshot: string): string => `not exists (select 1 from ${snapshot} p where p.k = s.k)`;

/** The upper half of the fingerprint of every removal. One row in 2^64 has it too: it would be sent by every run. */
const REMOVAL_HIGH = 0;
const IS_REMOVED = `(coalesce(s.fh = ${REMOVAL_HIGH}, false) and s.doubt_run is null)`;

/** What a row is and which entry its message replaces, as SQL over a row `p` of the snapshot and its entry `s`. */
interface Rules {
  /** `a`dded, `c`hanged, `u`nchanged but sent again; null: unchanged. */
  change: string;
  /** Whether it is on a page. */
  planned: string;
  sequence: string;
  /** Whether it is the same by an earlier mapping (snapshot/carried.ts). */
  carried: string;
  /** What is counted as removed, of entries whose key left the model. */
  removed: string;
  removal: string | null;
  /** Whether keys that left and came back as they were mean anything. */
  returns: boolean;
}

interface RuleOptions {
  snapshot: Snapshot;
  runNumber: number;
  resendUnchanged: boolean;
  adopts?: boolean;
  append?: boolean;
  removal?: string | null;
}

function rulesOf(options: RuleOptions): Rules {
  const { adopts = false, append = false, removal = null, resendUnchanged, runNumber, snapshot } = options;
  const touchingNoOther = { carried: 'false', removed: 'false', removal: null, returns: false };
  if (adopts) {
    // A key that is in doubt is no unknown one: the next run sends it.
    const change = `case
      when s.k is null then 'a'
      when s.fh is null or not (${same('p')}) or s.doubt_run is not null then 'c' end`;
    return {
      change,
      planned: `${change} = 'a'`,
      sequence: sequence(runNumber, 'p'),
      ...touchingNoOther,
    };
  }
  if (append) {
    // An event replaces nothing.
    return {
      change: `case when s.fh is null then 'a' end`,
      planned: 's.fh is null',
      sequence: '0',
      ...touchingNoOther,
    };
  }
  const carried = sameByEarlier(snapshot);
  const change = `case
    when s.fh is null or s.fh = ${REMOVAL_HIGH} then 'a'
    when not (${same('p')} or ${carried}) or s.doubt_run is not null then 'c'
    ${resendUnchanged ? "else 'u'" : ''} end`;
  return {
    change,
    planned: `${change} is not null`,
    sequence: sequence(runNumber, 'p'),
    carried,
    removed: removal === null ? 'not s.gone' : `not ${IS_REMOVED}`,
    removal,
    returns: true,
  };
}

const same = (row: 'p' | 'r'): string => `s.fh = ${row}.fh and s.fl = ${row}.fl`;

/** Of the entry that a message replaces (design rule 4). */
const sequence = (runNumber: number, row: 'p' | 'r'): string => `case
  when s.doubt_run is not null and s.doubt_fh = ${row}.fh and s.doubt_fl = ${row}.fl then s.doubt_seq
  when s.doubt_run is not null then s.doubt_run
  when s.fh is null then 0
  when ${same(row)} then ${runNumber}
  else s.seq end`;

/** A planned row as pages have it (snapshot/pages.ts). */
const line = (change: string, ofSequence: string, high: string, low: string, values: string): string =>
  `concat(${[change, ofSequence, high, low, values].join(', chr(9), ')})`;

const removedLines = (snapshot: string, state: string, { removal, removed }: Rules): string =>
  `select ${line("'r'", sequence(0, 'r'), 'r.fh', 'r.fl', 's.k')} as line, s.k
   from ${state} s, (select ${REMOVAL_HIGH}::ubigint as fh, ${removal}::ubigint as fl) r
   where ${removed} and ${LEFT(snapshot)}`;

async function count(connection: DuckDBConnection, snapshot: string, state: string, rules: Rules) {
  const rows = await countsOf(
    connection,
    `select count(*) as rows_read,
            count(*) filter (p.k = ${quote(SPOOL_NULL)}) as null_keys,
            count(*) filter (p.k = '') as empty_keys,
            count(*) filter (valid and change = 'a') as added,
            count(*) filter (valid and change = 'c') as changed,
            count(*) filter (valid and (change is null or change = 'u')) as unchanged,
            count(*) filter (valid and planned) as planned,
            count(*) filter (valid and gone and (change is null or change = 'u')) as returned,
            count(*) filter (valid and not same and carried and change is null) as carried
     from (select p.k, ${VALID} as valid, coalesce(s.gone, false) as gone, ${rules.change} as change,
                  ${rules.planned} as planned, coalesce(${same('p')}, false) as same,
                  coalesce(${rules.carried}, false) as carried
           from ${snapshot} p left join ${state} s on s.k = p.k) p`,
    [
      'rows_read',
      'null_keys',
      'empty_keys',
      'added',
      'changed',
      'unchanged',
      'planned',
      'returned',
      'carried',
    ],
  );
  const duplicates = await countsOf(
    connection,
    'select coalesce(sum(rows), 0)::bigint as duplicate_rows from duplicates',
    ['duplicate_rows'],
  );
  const removed = await countsOf(
    connection,
    `select count(*) filter (has_left and ${rules.removed}) as removed,
            count(*) filter (not ${IS_REMOVED}) as known
     from (select *, ${LEFT(snapshot)} as has_left from ${state} s) s`,
    ['removed', 'known'],
  );
  return {
    ...rows,
    ...duplicates,
    ...removed,
    to_remove: rules.removal === null ? 0 : removed.removed,
    returned: rules.returns ? rows.returned : 0,
  };
}

const countRows = async (connection: DuckDBConnection, table: string): Promise<number> =>
  (await countsOf(connection, `select count(*) as rows from ${table}`, ['rows'])).rows;

async function invalidSamples(
  connection: DuckDBConnection,
  counts: { null_keys: number; empty_keys: number },
  most: number,
): Promise<InvalidKey[]> {
  const samples: InvalidKey[] = [];
  if (counts.null_keys > 0) samples.push({ key: null, reason: 'null_key' });
  if (counts.empty_keys > 0) samples.push({ key: '', reason: 'empty_key' });
  const duplicates = await queryRows(connection, `select k from duplicates order by k limit ${most}`);
  for (const { k } of duplicates) samples.push({ key: unescapeSpool(String(k)), reason: 'duplicate_key' });
  return samples.slice(0, most);
}
