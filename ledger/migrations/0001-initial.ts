import { sql, type Kysely } from 'kysely';

/** Forward only: a migration that was released is never edited. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table definitions (
     kind text not null check (kind in ('connection', 'model', 'sync')),
     name text not null,
     version integer not null,
     document jsonb,
     digest text not null,
     created_at timestamptz not null default now(),
     primary key (kind, name, version)
   )`,
  `create table runs (
     id text primary key,
     sync text not null,
     number integer,
     status text not null,
     open boolean not null,
     settled boolean not null,
     workflow_id text not null,
     arguments jsonb not null,
     idempotency_key text,
     definition jsonb,
     mode text,
     mode_reason text,
     with_errors boolean not null default false,
     rows jsonb,
     messages jsonb,
     requests integer not null default 0,
     snapshot jsonb,
     plan jsonb,
     read_progress_at timestamptz,
     started_at timestamptz not null,
     finished_at timestamptz,
     error jsonb,
     warnings jsonb not null default '[]',
     unique (sync, number)
   )`,
  // serves: runs of a sync, newest first
  `create index runs_by_sync on runs (sync, started_at desc)`,
  // serves: runs of all syncs, newest first
  `create index runs_by_time on runs (started_at desc)`,
  // serves: what a new run has to supersede and settle
  `create index runs_to_settle on runs (sync) where not settled or finished_at is null`,
  // serves: the run that an idempotency key gave
  `create index runs_by_idempotency_key on runs (sync, idempotency_key, started_at desc) where idempotency_key is not null`,
  `create table pages (
     run_id text not null references runs on delete cascade,
     page integer not null,
     batches text not null,
     index text not null,
     messages integer not null,
     batch_count integer not null,
     invalid_added integer not null,
     invalid_changed integer not null,
     invalid_unchanged integer not null,
     fence bigint not null default 0,
     recorded_at timestamptz,
     accepted integer not null default 0,
     rejected integer not null default 0,
     requests integer not null default 0,
     primary key (run_id, page)
   )`,
  `create table posts (
     id bigint generated always as identity primary key,
     run_id text not null references runs on delete cascade,
     page integer not null,
     first integer not null,
     beyond integer not null,
     attempt bigint not null,
     slot_at timestamptz not null,
     deadline timestamptz not null,
     outcome text,
     http_status integer,
     finished_at timestamptz
   )`,
  // serves: what of a page is settled, and the outcomes of a run
  `create index posts_by_page on posts (run_id, page)`,
  // serves: the last deadline that a closed run has to wait for
  `create index posts_without_answer on posts (run_id, deadline) where outcome is null`,
  `create table fault_counts (
     run_id text not null references runs on delete cascade,
     kind text not null check (kind in ('invalid', 'rejected')),
     page integer not null,
     reason text not null,
     count bigint not null,
     primary key (run_id, kind, page, reason)
   )`,
  `create table fault_samples (
     run_id text not null references runs on delete cascade,
     kind text not null check (kind in ('invalid', 'rejected')),
     page integer not null,
     position integer not null,
     reason text not null,
     key text,
     column_name text,
     primary key (run_id, kind, page, position)
   )`,
  `create table rate_limits (
     rate_limit_group text primary key,
     cursor timestamptz not null,
     held_until timestamptz
   )`,
  `create table states (
     sync text primary key,
     id uuid not null default gen_random_uuid(),
     generation integer not null,
     identity jsonb not null,
     blob text,
     encoding integer not null,
     entries bigint not null,
     live_entries bigint not null,
     mapping_digest text,
     traits jsonb,
     run_id text,
     run_number integer,
     updated_at timestamptz not null
   )`,
  `create table state_history (
     sync text not null,
     generation integer not null,
     run_number integer not null,
     blob text not null,
     created_at timestamptz not null default now(),
     primary key (sync, generation, run_number)
   )`,
];
