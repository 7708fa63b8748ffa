import { sql } from 'kysely';
import type { Delivery } from '../vocabulary/run.ts';
import type { LedgerDatabase } from './connect.ts';

/** From the first slot of a run to the last answer; null when nothing was posted. */
export async function postedBetween(
  db: LedgerDatabase,
  run: string,
): Promise<{ from: Date; to: Date } | null> {
  const { rows } = await sql<{ first: Date | null; last: Date | null }>`
    select min(slot_at) as first, max(coalesce(finished_at, deadline)) as last
    from posts where run_id = ${run} and outcome is distinct from 'not_sent'`.execute(db);
  const [posted] = rows;
  return posted?.first == null || posted.last === null ? null : { from: posted.first, to: posted.last };
}

/** Writes what Segment says of a run; what it said before is replaced. */
export async function writeDelivery(
  db: LedgerDatabase,
  run: string,
  { failed, received }: Pick<Delivery, 'failed' | 'received'>,
): Promise<void> {
  const row = { received, failed: JSON.stringify(failed), asked_at: sql<Date>`clock_timestamp()` };
  await db
    .insertInto('deliveries')
    .values({ run_id: run, ...row })
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet(row))
    .execute();
}

export async function readDelivery(db: LedgerDatabase, run: string): Promise<Delivery | null> {
  const row = await db.selectFrom('deliveries').selectAll().where('run_id', '=', run).executeTakeFirst();
  if (row === undefined) return null;
  return { received: row.received, failed: row.failed, askedAt: row.asked_at.toISOString() };
}
