import { sql, type Kysely } from 'kysely';

/** What `apply` has made of each sync that starts by itself. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table schedules (
     sync text primary key,
     wanted text,
     found text,
     paused_by_definition boolean not null default false,
     held boolean not null default false,
     updated_at timestamptz not null default now()
   )`,
];
