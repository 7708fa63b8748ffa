import { sql, type Kysely } from 'kysely';

/** What runs are restricted to: keys are row values, and must not travel in Temporal. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table selections (
     id uuid primary key default gen_random_uuid(),
     sync text not null,
     keys jsonb,
     of_run text references runs on delete cascade,
     outcome text check (outcome in ('rejected', 'invalid')),
     resend boolean not null,
     created_at timestamptz not null default now(),
     check ((keys is null) = (of_run is not null) and (of_run is null) = (outcome is null))
   )`,
];
