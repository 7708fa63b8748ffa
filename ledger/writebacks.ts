import { sql } from 'kysely';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import { WRITEBACK_VERSION, type Writeback, type WritebackTarget } from '../vocabulary/writeback.ts';
import type { LedgerDatabase } from './connect.ts';

/** A run begins to be written back; what is on record of an earlier time is replaced. */
export async function beginWriteback(
  db: LedgerDatabase,
  run: string,
  target: WritebackTarget,
): Promise<void> {
  const begun = {
    status: 'writing' as const,
    version: WRITEBACK_VERSION,
    rows: 0,
    files: 0,
    error: null,
    started_at: sql<string>`clock_timestamp()`,
    finished_at: null,
  };
  await db
    .insertInto('writebacks')
    .values({ run_id: run, target, ...begun })
    .onConflict((conflict) => conflict.columns(['run_id', 'target']).doUpdateSet(begun))
    .execute();
}

export async function endWriteback(
  db: LedgerDatabase,
  run: string,
  target: WritebackTarget,
  written: { rows: number; files: number },
): Promise<void> {
  await finish(db, run, target, { status: 'written', ...written });
}

/** It was given up. A null error: somebody cancelled it. */
export async function failWriteback(
  db: LedgerDatabase,
  run: string,
  target: WritebackTarget,
  error: ErrorView | null,
): Promise<void> {
  await finish(db, run, target, {
    status: error === null ? 'cancelled' : 'failed',
    error: error === null ? null : JSON.stringify(error),
  });
}

async function finish(
  db: LedgerDatabase,
  run: string,
  target: WritebackTarget,
  end: { status: Writeback['status']; rows?: number; files?: number; error?: string | null },
): Promise<void> {
  const set = { ...end, finished_at: sql<string>`clock_timestamp()` };
  await db
    .insertInto('writebacks')
    .values({
      run_id: run,
      target,
      version: WRITEBACK_VERSION,
      started_at: sql<string>`clock_timestamp()`,
      ...set,
    })
    .onConflict((conflict) => conflict.columns(['run_id', 'target']).doUpdateSet(set))
    .execute();
}

/** Where a run was written to, or is being written to. */
export async function readWritebacks(db: LedgerDatabase, run: string): Promise<Writeback[]> {
  const rows = await db
    .selectFrom('writebacks')
    .selectAll()
    .where('run_id', '=', run)
    .orderBy('target')
    .execute();
  return rows.map((row) => ({
    target: row.target,
    status: row.status,
    version: row.version,
    rows: row.rows,
    files: row.files,
    error: row.error,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }));
}

/**
 * Runs of the same sync that have ended and were never written back, oldest first: those that were terminated, and starts that were
 * skipped, since neither ends by itself. Of runs from before the sync asked for it there are none.
 */
export async function runsNotWrittenBack(db: LedgerDatabase, run: string, most: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select left_out.id
    from runs join runs as left_out on left_out.sync = runs.sync and left_out.id <> runs.id
    where runs.id = ${run} and left_out.finished_at is not null
      and not exists (select 1 from writebacks where run_id = left_out.id)
      and (left_out.definition -> 'sync' -> 'writeback' is not null
           or (left_out.number is null and left_out.started_at >= (
             select min(first.started_at) from runs as first
             where first.sync = runs.sync and first.definition -> 'sync' -> 'writeback' is not null)))
    order by left_out.started_at limit ${most}`.execute(db);
  return rows.map(({ id }) => id);
}
