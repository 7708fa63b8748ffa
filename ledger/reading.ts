import { sql } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';
import type { ReadingReference } from './run-record.ts';

/**
 * Makes an attempt the one that reads for the run: an earlier one, which may only have been slow, can record nothing from
 * here on.
 *
 * @returns how far the earlier ones came; null: no attempt has begun, or the warehouse keeps no result
 */
export async function takeOverReading(
  db: LedgerDatabase,
  run: string,
  attempt: string,
): Promise<ReadingReference | null> {
  const row = await db
    .updateTable('runs')
    .set({ reading_by: attempt })
    .where('id', '=', run)
    .returning('reading')
    .executeTakeFirst();
  return row?.reading ?? null;
}

/** Writes how far the read has come. Fails with `run_superseded` when another attempt has taken over. */
export async function recordReading(
  db: LedgerDatabase,
  run: string,
  attempt: string,
  reading: ReadingReference,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set({ reading: JSON.stringify(reading) })
    .where('id', '=', run)
    .where('reading_by', '=', attempt)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new BackhaulError('run_superseded', `run ${run}, the read`);
}

/** There is nothing left to go on from: the read is done, or its result is gone. Only the attempt that reads may say so. */
export async function forgetReading(db: LedgerDatabase, run: string, attempt: string): Promise<void> {
  await db
    .updateTable('runs')
    .set({ reading: null })
    .where('id', '=', run)
    .where('reading_by', '=', attempt)
    .execute();
}

/** What a run has left at the warehouse; from here on none of its attempts can leave anything. */
export async function endReading(db: LedgerDatabase, run: string): Promise<ReadingReference | null> {
  const { rows } = await sql<{ reading: ReadingReference | null }>`
    with before as (select id, reading from runs where id = ${run} for update)
    update runs set reading = null, reading_by = null from before where runs.id = before.id
    returning before.reading`.execute(db);
  return rows[0]?.reading ?? null;
}
