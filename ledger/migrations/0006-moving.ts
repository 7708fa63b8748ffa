import { sql, type Kysely } from 'kysely';

/** Conditions of adoptions; and the mappings that a state was delivered by, with the columns that they read. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table adoption_conditions (
     id uuid primary key default gen_random_uuid(),
     sync text not null,
     condition text not null,
     created_at timestamptz not null default now()
   )`,
  // serves: the same condition of a sync has the same id, so that a second start finds the run of the first
  `create unique index adoption_conditions_by_text on adoption_conditions (sync, md5(condition))`,
  `alter table states add column mappings jsonb not null default '[]'`,
  // A state of an earlier version: the columns are those of the last run by that mapping.
  `update states set mappings = jsonb_build_array(jsonb_build_object(
     'digest', delivered.digest,
     'columns', delivered.columns,
     'known', (select jsonb_agg(one -> 'name') from jsonb_array_elements(delivered.columns) as one)))
   from (
     select distinct on (runs.sync) runs.sync, states.mapping_digest as digest, runs.snapshot -> 'columns' as columns
     from runs join states on states.sync = runs.sync and states.mapping_digest = runs.snapshot ->> 'mappingDigest'
     order by runs.sync, runs.number desc
   ) as delivered
   where delivered.sync = states.sync`,
];
