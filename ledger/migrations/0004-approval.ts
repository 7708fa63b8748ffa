import { sql, type Kysely } from 'kysely';

/** Runs whose plan a person has to approve before it is sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table runs add column approval jsonb').execute(db);
}
