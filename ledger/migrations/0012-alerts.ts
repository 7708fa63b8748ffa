import { sql, type Kysely } from 'kysely';

/** What alerts stand for, the runs that they have been told of, and what was told to whom. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Alerts are definitions too; which kinds there are, the code says.
  `alter table definitions drop constraint definitions_kind_check`,
  `create table alert_states (
     alert text not null,
     sync text not null,
     condition text not null,
     message text not null,
     run_id text,
     since timestamptz not null,
     primary key (alert, sync, condition)
   )`,
  `create table judged_runs (
     run_id text primary key references runs on delete cascade,
     judged_at timestamptz not null default now()
   )`,
  `create table notifications (
     id text primary key,
     alert text not null,
     sync text not null,
     condition text not null,
     event text not null,
     message text not null,
     run_id text,
     channel text not null,
     document jsonb not null,
     status text not null,
     attempts integer not null default 0,
     error jsonb,
     created_at timestamptz not null,
     finished_at timestamptz
   )`,
  // The list of what was told, the newest first.
  `create index notifications_by_time on notifications (created_at)`,
  // What each look at the alerts has to send.
  `create index notifications_waiting on notifications (id) where status = 'waiting'`,
];
