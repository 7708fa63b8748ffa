import { sql, type Kysely } from 'kysely';

/** The whole numbers by which clients of Census's API know syncs, models, connections and runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table census_names (
     kind text not null,
     name text not null,
     id bigint not null,
     primary key (kind, name),
     unique (kind, id)
   )`,
  // No reference to runs: a run that was just started has its number before a worker opens it.
  `create table census_runs (
     id bigint generated always as identity primary key,
     run_id text not null unique,
     sync text not null,
     full_sync boolean not null,
     triggered_by text,
     created_at timestamptz not null default now()
   )`,
  // The runs of a sync, a page at a time.
  `create index census_runs_by_sync on census_runs (sync, id)`,
];
