import { sql } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';

/**
 * Stores the condition of an adoption, which may hold values of rows: its id travels in its place. The same text has the
 * same id.
 */
export async function writeAdoptionCondition(
  db: LedgerDatabase,
  sync: string,
  condition: string,
): Promise<string> {
  const { id } = await db
    .insertInto('adoption_conditions')
    .values({ sync, condition })
    .onConflict((conflict) => conflict.expression(sql`sync, md5(condition)`).doUpdateSet({ sync }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function readAdoptionCondition(db: LedgerDatabase, sync: string, id: string): Promise<string> {
  const row = await db
    .selectFrom('adoption_conditions')
    .select('condition')
    .where(sql<string>`id::text`, '=', id)
    .where('sync', '=', sync)
    .executeTakeFirst();
  if (row === undefined) throw new BackhaulError('condition_not_found', `sync ${sync}`);
  return row.condition;
}
