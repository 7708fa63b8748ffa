import { expect, it } from '@jest/globals';
import { sql, type Kysely, type Migration } from 'kysely';
import { isOnline } from './online-migration.ts';

const migration = (...statements: string[]): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
});

it.each([
  ['a table with its index', ['create table a (id text)', 'create unique index a_by_id on a (id)']],
  [
    'columns that are empty or constant',
    ["alter table runs add column a text, add column b jsonb default '[]'"],
  ],
])('is applied while runs are going on: %s', async (_, statements) => {
  expect(await isOnline(migration(...statements))).toBe(true);
});

it.each([
  ['an index on a table that is there', 'create index runs_by_x on runs (x)'],
  ['a change of rows', 'update states set mappings = null'],
  ['another type', 'alter table runs alter column a type integer'],
  ['a column that is dropped beside one that is added', 'alter table runs add column a text, drop column b'],
  ['a default that differs by row', 'alter table runs add column a uuid default gen_random_uuid()'],
])('locks a table meanwhile: %s', async (_, statement) => {
  expect(await isOnline(migration(statement))).toBe(false);
});
