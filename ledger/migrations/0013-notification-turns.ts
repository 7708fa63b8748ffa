import { sql, type Kysely } from 'kysely';

/** Since when a notification waits, and is tried; since when a sync goes on that a person had paused. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table notifications add column queued_at timestamptz not null default now(), add column tried_at timestamptz`,
  `alter table schedules add column resumed_at timestamptz`,
];
