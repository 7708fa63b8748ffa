import { sql } from 'kysely';
import type { Run } from '../vocabulary/run.ts';
import type { ApprovalRecord } from './run-record.ts';
import type { LedgerDatabase } from './connect.ts';
import { listedRun } from './list-runs.ts';

type Links = Parameters<typeof listedRun>[2];

/** A run as alerts look at it. */
export interface WatchedRun {
  run: Run;
  /** How long it waited for an approval. */
  waitedMs: number;
}

/** What ended before is no news any more. */
const LOOKS_BACK = sql`interval '7 days'`;
const MOST_AT_ONCE = 100;

/** Runs of a sync that have ended and that alerts were not told of, in the order in which they ended. */
export async function runsToJudge(db: LedgerDatabase, sync: string, since: Date): Promise<string[]> {
  const bound = sql`greatest(${since}::timestamptz, now() - ${LOOKS_BACK})`;
  // From the newest back to the first that is too old, so that not all are read that the sync ever had.
  const older = await sql<{ number: number }>`
    select number from runs where sync = ${sync} and number is not null and finished_at < ${bound}
    order by number desc limit 1`.execute(db);
  const { rows } = await sql<{ id: string }>`
    select id from runs
    where sync = ${sync} and number > ${older.rows[0]?.number ?? 0} and finished_at >= ${bound}
      and arguments ->> 'selection' is null
      and not exists (select 1 from judged_runs where run_id = runs.id)
    order by finished_at, number limit ${MOST_AT_ONCE}`.execute(db);
  return rows.map(({ id }) => id);
}

export async function markJudged(db: LedgerDatabase, run: string): Promise<void> {
  await db
    .insertInto('judged_runs')
    .values({ run_id: run })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function watchedRun(db: LedgerDatabase, id: string, links: Links): Promise<WatchedRun> {
  const run = await listedRun(db, id, links);
  const row = await db.selectFrom('runs').select('approval').where('id', '=', id).executeTakeFirst();
  return { run, waitedMs: waitOf(row?.approval ?? null, run.finishedAt) };
}

function waitOf(approval: ApprovalRecord | null, finishedAt: string | null): number {
  if (approval?.since == null) return 0;
  const end = approval.decidedAt ?? finishedAt;
  return end === null ? 0 : Date.parse(end) - Date.parse(approval.since);
}

/** Rows that the last completed runs before this one read; one that adopts may read a part of them. */
export async function usualRows(
  db: LedgerDatabase,
  { number, sync }: Pick<Run, 'sync' | 'number'>,
  most: number,
): Promise<number[]> {
  const { rows } = await sql<{ read: number }>`
    select (rows ->> 'read')::bigint as read from runs
    where sync = ${sync} and number < ${number} and status = 'completed' and mode <> 'adopt'
      and arguments ->> 'selection' is null
    order by number desc limit ${most}`.execute(db);
  return rows.map(({ read }) => Number(read));
}

/** The run of a sync that goes on; null: none. */
export async function runUnderWay(
  db: LedgerDatabase,
  sync: string,
  links: Links,
): Promise<WatchedRun | null> {
  const { rows } = await sql<{ id: string }>`
    select id from runs
    where sync = ${sync} and open and finished_at is null and arguments ->> 'selection' is null
    order by number desc limit 1`.execute(db);
  const [row] = rows;
  return row === undefined ? null : watchedRun(db, row.id, links);
}

/** When a run of all rows last completed; null: none has. */
export async function lastCompletion(db: LedgerDatabase, sync: string): Promise<Date | null> {
  const { rows } = await sql<{ at: Date }>`
    select finished_at as at from runs
    where sync = ${sync} and number is not null and status = 'completed' and arguments ->> 'selection' is null
    order by number desc limit 1`.execute(db);
  return rows[0]?.at ?? null;
}
