import { sql, type Kysely } from 'kysely';

/** What became of writing runs back to where people read them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table writebacks (
     run_id text not null references runs on delete cascade,
     target text not null,
     status text not null,
     version integer not null,
     rows bigint not null default 0,
     files integer not null default 0,
     error jsonb,
     started_at timestamptz not null default now(),
     finished_at timestamptz,
     primary key (run_id, target)
   )`,
];
