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
  planned: number;
  pages: number;
  /** Keys of the state that are gone and came back as they were: nothing to send, but the state has to know. */
  returned: number;
  /** Rows that are unchanged by an earlier mapping alone (snapshot/carried.ts). */
  carried: number;
  /** `blob` holds every duplicated key, as spooled, a line each. */
  invalid: { counts: Partial<Record<InvalidReason, number>>; samples: InvalidKey[]; blob: BlobName | null };
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
 */
export async function makePlan(options: {
  snapshot: Snapshot;
  state: BlobName | null;
  runNumber: number;
  resendUnchanged: boolean;
  /** @default false */
  adopts?: boolean;
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
  const { adopts = false, resendUnchanged } = options;
  const change = adopts ? ADOPTED_CHANGE : changeOf(options.snapshot, resendUnchanged);
  const planned = adopts ? `${change} = 'a'` : `${change} is not null`;
  return withConnection(duckdb, async (connection) => {
    await execute(
      connection,
      `
      create temp table duplicates as select k, count(*) as rows from ${snapshot}
      where ${hasKey('k')} group by k having count(*) > 1`,
    );
    const counts = await count(connection, { snapshot, state, change, planned, adopts });
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
    let pages = 0;
    if (counts.planned > 0) {
      const file = join(scratch, 'planned');
      await execute(
        connection,
        `copy (
          select concat(${change}, chr(9), ${sequence(options.runNumber)}, chr(9), p.fh, chr(9), p.fl, chr(9), p.line)
          from ${snapshot} p left join ${state} s on s.k = p.k
          where ${VALID} and ${planned} ${options.sorted === true ? 'order by p.k' : ''}
        ) to ${quote(file)} (${LINES})`,
      );
      options.onProgress?.();
      pages = await cutPages(file, prefix, blobs, options);
    }
    return {
      rows,
      planned: counts.planned,
      pages,
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
const SAME = 's.fh = p.fh and s.fl = p.fl';
const SAME_AS_DOUBT = 's.doubt_fh = p.fh and s.doubt_fl = p.fl';

/** `a`dded, `c`hanged, `u`nchanged but sent again; null: not planned. */
const changeOf = (snapshot: Snapshot, resendUnchanged: boolean): string => `case
  when s.fh is null then 'a'
  when not (${SAME} or ${sameByEarlier(snapshot)}) or s.doubt_run is not null then 'c'
  ${resendUnchanged ? "else 'u'" : ''} end`;

/** A key that is in doubt is no unknown one: the next run sends it. */
const ADOPTED_CHANGE = `case
  when s.k is null then 'a'
  when s.fh is null or not (${SAME}) or s.doubt_run is not null then 'c' end`;

const sequence = (runNumber: number): string => `case
  when s.doubt_run is not null and ${SAME_AS_DOUBT} then s.doubt_seq
  when s.doubt_run is not null then s.doubt_run
  when s.fh is null then 0
  when ${SAME} then ${runNumber}
  else s.seq end`;

interface Counting {
  snapshot: string;
  state: string;
  /** Conditions over row `p` and entry `s`. */
  change: string;
  planned: string;
  adopts: boolean;
}

async function count(connection: DuckDBConnection, { adopts, change, planned, snapshot, state }: Counting) {
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
            count(*) filter (valid and not same and change is null) as carried
     from (select p.k, ${VALID} as valid, coalesce(s.gone, false) as gone, ${change} as change,
                  ${planned} as planned, coalesce(${SAME}, false) as same
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
  if (adopts) return { ...rows, ...duplicates, returned: 0, removed: 0 };
  const removed = await countsOf(
    connection,
    `select count(*) as removed from ${state} s
     where not s.gone and not exists (select 1 from ${snapshot} p where p.k = s.k)`,
    ['removed'],
  );
  return { ...rows, ...duplicates, ...removed };
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
