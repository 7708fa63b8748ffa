import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';
import type { ReadingReference } from './run-record.ts';

/**
 * Makes an attempt the one that reads for the run: an earlier one, which may only have been slow, can record nothing from
 * here on. Fails with `run_superseded` when the run was closed meanwhile: nobody would end what is begun for it.
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
    .where('open', '=', true)
    .returning('reading')
    .executeTakeFirst();
  if (row === undefined) throw new BackhaulError('run_superseded', `run ${run}, the read`);
  return row.reading;
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

/**
 * There is nothing left to go on from: the read is done, or its result is gone.
 *
 * @param by the attempt that says so, or null: nobody reads any more. Of anybody else it is not taken
 * @returns whether it was taken
 */
export async function forgetReading(db: LedgerDatabase, run: string, by: string | null): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set({ reading: null })
    .where('id', '=', run)
    .where('reading_by', 'is not distinct from', by)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** What a run has left at the warehouse, until that is forgotten; from here on none of its attempts can leave anything. */
export async function endReading(db: LedgerDatabase, run: string): Promise<ReadingReference | null> {
  const row = await db
    .updateTable('runs')
    .set({ reading_by: null })
    .where('id', '=', run)
    .returning('reading')
    .executeTakeFirst();
  return row?.reading ?? null;
}
