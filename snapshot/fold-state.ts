import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobName } from '../vocabulary/ids.ts';
import type { BlobStore } from './blob-store.ts';
import type { Snapshot } from './take-snapshot.ts';
import { countsOf, execute, quote, quoteList, withConnection, type DuckDb } from './duckdb.ts';
import { indexLines } from './files.ts';
import { fetchAll, snapshotTable, stateTable } from './local-files.ts';
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
 */
export async function foldState(options: {
  state: BlobName | null;
  snapshot: Snapshot;
  runNumber: number;
  pages: readonly PageVerdicts[];
  target: BlobName;
  blobs: BlobStore;
  duckdb: DuckDb;
  scratch: string;
}): Promise<FoldedState> {
  const { blobs, duckdb, pages, runNumber, scratch } = options;
  await mkdir(scratch, { recursive: true });
  const state = await stateTable(blobs, scratch, options.state);
  const snapshot = await snapshotTable(blobs, scratch, options.snapshot);
  const posted = await postedTable(blobs, scratch, pages);
  const file = join(scratch, 'next-state.parquet');
  return withConnection(duckdb, async (connection) => {
    await execute(connection, `create temp table posted as ${posted}`);
    await execute(
      connection,
      `copy (
        select coalesce(s.k, o.k) as k,
               if(o.accepted, o.fh, s.fh) as fh,
               if(o.accepted, o.fl, s.fl) as fl,
               if(o.accepted, ${runNumber}, coalesce(s.seq, 0))::bigint as seq,
               s.k is not null and p.k is null as gone,
               ${doubt('fh')} as doubt_fh, ${doubt('fl')} as doubt_fl, ${doubt('seq')} as doubt_seq,
               case when o.k is null then s.doubt_run when not o.accepted then ${runNumber} end::bigint as doubt_run
        from ${state} s full join posted o on o.k = s.k
             left join (select distinct k from ${snapshot}) p on p.k = s.k
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
