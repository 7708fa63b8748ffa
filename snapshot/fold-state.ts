import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobName } from '../vocabulary/ids.ts';
import type { BlobStore } from './blob-store.ts';
import { earlierColumns, sameByEarlier } from './carried.ts';
import type { Snapshot } from './take-snapshot.ts';
import { countsOf, execute, quote, quoteList, withConnection, type DuckDb } from './duckdb.ts';
import { indexLines } from './files.ts';
import { fetchAll, snapshotTable, stateTable } from './local-files.ts';
import { onlySelected, selectedTable } from './selected-keys.ts';
import { PARQUET_OPTIONS } from './take-snapshot.ts';

export interface PageVerdicts {
  page: number;
  index: BlobName;
  /** Messages [first, beyond) of the page that were accepted or are in doubt. */
  ranges: { first: number; beyond: number; verdict: 'accepted' | 'in_doubt' }[];
}

export interface FoldedState {
  entries: number;
  /** Of keys that are in the model. One that is only in doubt counts: Segment may have it. */
  liveEntries: number;
}

/**
 * Writes the state that follows from a run: what was accepted gets its new fingerprint and the run's number as
 * sequence; what is in doubt keeps its entry and a note of the doubt; all else stays as it was. A key that the
 * snapshot lacks is marked gone, also when what was sent for it is not accepted. No entry is ever dropped (design rule 3).
 * Of a run that was restricted to selected keys nothing follows for the others: their entries stay as they were.
 *
 * Of a run that delivered all that was due, rows that are the same by an earlier mapping get their fingerprint by its own.
 */
export async function foldState(options: {
  state: BlobName | null;
  snapshot: Snapshot;
  runNumber: number;
  pages: readonly PageVerdicts[];
  /** Keys that the run was restricted to; null: all. @default null */
  selected?: BlobName | null;
  /** Whether the run delivered all that was due. @default false */
  carries?: boolean;
  /** Entries that the run did not post stay as they are, gone or not: it has not seen all rows of the model. @default false */
  keepsOthers?: boolean;
  target: BlobName;
  blobs: BlobStore;
  duckdb: DuckDb;
  scratch: string;
}): Promise<FoldedState> {
  const { blobs, duckdb, keepsOthers = false, pages, runNumber, scratch } = options;
  await mkdir(scratch, { recursive: true });
  const state = await stateTable(blobs, scratch, options.state);
  const selected = await selectedTable(blobs, scratch, options.selected ?? null);
  const snapshot = onlySelected(await snapshotTable(blobs, scratch, options.snapshot), selected);
  const posted = await postedTable(blobs, scratch, pages);
  const carries = options.carries === true && (options.snapshot.earlier ?? 0) > 0;
  const carried = carries ? `${UNPOSTED} and p.rows = 1 and ${sameByEarlier(options.snapshot)}` : null;
  const present = carries
    ? keysWithFingerprints(snapshot, options.snapshot)
    : `select distinct k from ${snapshot}`;
  const gone = keepsOthers ? 'o.k is null and s.gone' : 's.k is not null and p.k is null';
  const file = join(scratch, 'next-state.parquet');
  return withConnection(duckdb, async (connection) => {
    await execute(connection, `create temp table posted as ${posted}`);
    await execute(
      connection,
      `copy (
        select coalesce(s.k, o.k) as k,
               ${fingerprint('fh', carried)} as fh,
               ${fingerprint('fl', carried)} as fl,
               if(o.accepted, ${runNumber}, coalesce(s.seq, 0))::bigint as seq,
               ${selected === null ? gone : `if(o.k is null and c.k is null, s.gone, ${gone})`} as gone,
               ${doubt('fh')} as doubt_fh, ${doubt('fl')} as doubt_fl, ${doubt('seq')} as doubt_seq,
               case when o.k is null then s.doubt_run when not o.accepted then ${runNumber} end::bigint as doubt_run
        from ${state} s full join posted o on o.k = s.k
             left join (${present}) p on p.k = s.k
             ${selected === null ? '' : `left join (select distinct k from ${selected}) c on c.k = s.k`}
      ) to ${quote(file)} (${PARQUET_OPTIONS})`,
    );
    const { entries, live } = await countsOf(
      connection,
      `select count(*) as entries, count(*) filter (not gone) as live
       from read_parquet(${quoteList([file])})`,
      ['entries', 'live'],
    );
    await blobs.adopt(file, options.target);
    return { entries, liveEntries: live };
  });
}

/** An entry of which the run posted nothing, and that is not in doubt. */
const UNPOSTED = 'o.k is null and s.doubt_run is null';

/** A key that more than one row has is of none of them. */
const keysWithFingerprints = (table: string, snapshot: Snapshot): string =>
  `select k, count(*) as rows, ${['fh', 'fl', ...earlierColumns(snapshot)].map((name) => `any_value(${name}) as ${name}`).join(', ')}
   from ${table} group by k`;

const fingerprint = (half: 'fh' | 'fl', carried: string | null): string =>
  `case when o.accepted then o.${half} ${carried === null ? '' : `when ${carried} then p.${half}`} else s.${half} end`;

/** A row of `posted` settles an old doubt or replaces it; without one the old doubt stays. */
const doubt = (column: 'fh' | 'fl' | 'seq'): string =>
  `case when o.k is null then s.doubt_${column} when not o.accepted then o.${column} end`;

async function postedTable(
  blobs: BlobStore,
  scratch: string,
  pages: readonly PageVerdicts[],
): Promise<string> {
  const posted = pages.filter((page) => page.ranges.length > 0);
  if (posted.length === 0) {
    return 'select null::varchar as k, null::ubigint as fh, null::ubigint as fl, null::bigint as seq, null::boolean as accepted where false';
  }
  const index = await fetchAll(
    blobs,
    scratch,
    'index',
    posted.map((page) => page.index),
  );
  const ranges = join(scratch, 'ranges');
  await writeFile(
    ranges,
    posted
      .flatMap(({ page, ranges }) =>
        ranges.map(
          ({ first, beyond, verdict }) => `${page}\t${first}\t${beyond}\t${verdict === 'accepted'}\n`,
        ),
      )
      .join(''),
  );
  return `select i.k, i.fh, i.fl, i.seq, r.accepted
    from ${indexLines(index)} i
    join read_csv(${quote(ranges)}, auto_detect = false, header = false, delim = '\t',
                  columns = {'page': 'INTEGER', 'first': 'INTEGER', 'beyond': 'INTEGER', 'accepted': 'BOOLEAN'}) r
      on r.page = i.page and i.position >= r.first and i.position < r.beyond`;
}
