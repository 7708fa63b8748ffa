import { sql, type Kysely } from 'kysely';

/** How far the read of a run has come in a result that the warehouse keeps, and which attempt may say so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table runs add column reading jsonb, add column reading_by text').execute(db);
}
