import { sql, type Kysely } from 'kysely';

/** Removals that the mapping found invalid: a removed row is planned like any other. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table pages add column invalid_removed integer not null default 0').execute(db);
}
