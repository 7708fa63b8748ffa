import { sql, type Kysely } from 'kysely';

/** Secrets that were typed in, encrypted; connections that are checked before they are stored; what Segment says of runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table secrets (
     owner text not null,
     field text not null,
     key_id text not null,
     sealed bytea not null,
     updated_at timestamptz not null default now(),
     primary key (owner, field)
   )`,
  `create table connection_drafts (
     id uuid primary key default gen_random_uuid(),
     document jsonb not null,
     created_at timestamptz not null default now()
   )`,
  `create table deliveries (
     run_id text primary key references runs on delete cascade,
     received bigint not null,
     failed jsonb not null,
     asked_at timestamptz not null
   )`,
];
