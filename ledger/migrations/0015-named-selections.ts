import { sql, type Kysely } from 'kysely';

/** Which selection a request made that its sender named, so that the request again finds the run of the first. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table named_selections (
     sync text not null,
     request_key text not null,
     digest text not null,
     selection uuid not null default gen_random_uuid(),
     created_at timestamptz not null default now(),
     primary key (sync, request_key, digest)
   )`,
];
