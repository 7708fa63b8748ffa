import { sql, type Kysely } from 'kysely';

/** Keys of the HTTP API, what was done by it, and answers that a repeated request gets again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table api_keys (
     id text primary key,
     name text not null,
     role text not null,
     digest text not null,
     created_at timestamptz not null default now(),
     expires_at timestamptz,
     last_used_at timestamptz,
     revoked_at timestamptz
   )`,
  `create table audit (
     id bigint generated always as identity primary key,
     at timestamptz not null default clock_timestamp(),
     key_id text not null,
     key_name text not null,
     action text not null,
     target text,
     status integer not null
   )`,
  `create index audit_at on audit (at)`,
  `create table api_answers (
     key_id text not null,
     request_key text not null,
     request text not null,
     began_at timestamptz not null default clock_timestamp(),
     status integer,
     answer text,
     primary key (key_id, request_key)
   )`,
  `create index api_answers_began_at on api_answers (began_at)`,
];
