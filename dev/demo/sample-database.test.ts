import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { awkwardPeople } from './awkward-people.ts';
import { changeOnePercent } from './change-people.ts';
import { loadSampleDatabase, type SampleDatabase } from './sample-database.ts';

const model = readFileSync(
  fileURLToPath(new URL('../../examples/demo/active_people.sql', import.meta.url)),
  'utf8',
);
const TABLES = ['plans', 'organisations', 'subscriptions', 'people', 'events'];

let database: TestDatabase;
let sample: SampleDatabase;
const opened: pg.Client[] = [];

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  opened.push(client);
  await client.connect();
  return client;
};

const count = async (client: pg.Client, sql: string): Promise<number> => {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::integer as count from (${sql}) as counted`,
  );
  return rows[0]?.count ?? -1;
};

/** Of all rows of a table, whatever order they lie in. */
const fingerprints = async (url: string): Promise<Record<string, unknown>> => {
  const client = await connect(url);
  const found: Record<string, unknown> = {};
  for (const table of TABLES) {
    const { rows } = await client.query(
      `select count(*), sum(hashtextextended(t::text, 0)) as hash from app.${table} as t`,
    );
    found[table] = rows[0];
  }
  return found;
};

beforeAll(async () => {
  database = await freshDatabase();
  sample = await loadSampleDatabase(database.url);
});

afterAll(async () => {
  await Promise.all(opened.map((client) => client.end()));
  await database.drop();
});

test('the sample has some tens of thousands of people and their organisations, plans and events', async () => {
  expect(sample.counts).toEqual({ organisations: 2000, people: 40_000, events: 690_190 });
  const client = await connect(database.url);
  expect(await count(client, model)).toBe(40_000);
});

test('every class of usage and every stage of a life has people', async () => {
  const client = await connect(database.url);
  const { rows } = await client.query<{ class: string; people: number }>(`
    with m as (${model})
    select usage_class as class, count(*)::integer as people from m group by 1
    union all select lifecycle_stage, count(*)::integer from m group by 1`);
  const people = new Map(rows.map((row) => [row.class, row.people]));
  for (const name of ['power', 'regular', 'occasional', 'dormant', 'never active']) {
    expect(people.get(name)).toBeGreaterThan(1000);
  }
  for (const stage of ['new', 'not activated', 'engaged', 'churn risk', 'lapsed', 'churned']) {
    expect(people.get(stage)).toBeGreaterThan(1000);
  }
});

test('nobody is seen before they came', async () => {
  const client = await connect(database.url);
  const early = `select from app.events join app.people on people.id = person_id where occurred_at < created_at`;
  expect(await count(client, early)).toBe(0);
});

test('the awkward values come out of the model as they were written', async () => {
  const client = await connect(database.url);
  const { rows } = await client.query<Record<string, string | null>>(`
    select user_id, first_name, last_name, notes, "crmContactId"::text, "Lifetime Value"::text, health_score::text,
      interests::text, preferences::text
    from (${model}) as m where organisation_name = (select name from app.organisations where id = 1)`);
  for (const person of awkwardPeople) {
    for (const column of [
      'first_name',
      'last_name',
      'notes',
      'crmContactId',
      'Lifetime Value',
      'health_score',
    ] as const) {
      if (person[column] !== undefined) expect(rows.map((row) => row[column])).toContain(person[column]);
    }
  }
  expect(rows.filter((row) => row.user_id === null)).toHaveLength(1);
  expect(rows.filter((row) => row.user_id === '')).toHaveLength(1);
  expect(rows.filter((row) => row.user_id === 'usr_crm_8841')).toHaveLength(2);
  expect(rows.map((row) => row['health_score'])).toContain('NaN');
  expect(Math.max(...rows.map((row) => Buffer.byteLength(row['notes'] ?? '')))).toBeGreaterThan(32 * 1024);
  expect(rows.map((row) => row['interests'])).toContain(
    '{"comma, inside","quote \\" inside","brace } inside","back\\\\slash",東京}',
  );
});

test('the role of the warehouse connection reads the sample and writes nothing', async () => {
  const reader = await connect(sample.readerUrl);
  expect(await count(reader, 'select from app.people')).toBe(40_000);
  // Even a session that turns its default off has no right to.
  await reader.query('set default_transaction_read_only = off');
  for (const write of [
    "update app.people set first_name = 'x'",
    'delete from app.events',
    "insert into app.plans (code, name, price_per_seat) values ('x', 'x', 1)",
    'truncate app.events',
    'drop table app.plans',
    'create table app.mine (n integer)',
    'create table public.mine (n integer)',
    'create schema mine',
  ]) {
    await expect(reader.query(write)).rejects.toMatchObject({ code: '42501' });
  }
});

test('two loads give identical rows, and so does the change of one percent', async () => {
  const another = await freshDatabase();
  try {
    await loadSampleDatabase(another.url);
    expect(await fingerprints(another.url)).toEqual(await fingerprints(database.url));

    const [here, there] = [await connect(database.url), await connect(another.url)];
    await here.query(`create temporary table before as ${model}`);
    const changes = await changeOnePercent(here);
    expect(await changeOnePercent(there)).toEqual(changes);
    expect(await fingerprints(another.url)).toEqual(await fingerprints(database.url));

    await here.query(`create temporary table after as ${model}`);
    const changed = await count(here, 'table after except table before');
    expect(changed).toBe(changes.people);
    expect(changed / 40_000).toBeGreaterThan(0.009);
    expect(changed / 40_000).toBeLessThan(0.011);
    const keys = (one: string, other: string): string =>
      `select user_id from ${one} where user_id is not null except select user_id from ${other}`;
    expect((await here.query(keys('after', 'before'))).rows).toEqual([{ user_id: changes.added }]);
    expect((await here.query(keys('before', 'after'))).rows).toEqual([{ user_id: changes.deleted }]);
    const renamed = `select a.user_id from after a join before b using (user_id)
      where a.last_name <> b.last_name and user_id <> 'usr_crm_8841'`;
    expect((await here.query(renamed)).rows).toEqual([{ user_id: changes.renamed }]);
    const moved = `select distinct a.organisation_name from after a join before b using (user_id) where a.plan <> b.plan`;
    expect(await count(here, moved)).toBe(1);
  } finally {
    await Promise.all(opened.splice(0).map((client) => client.end()));
    await another.drop();
  }
});
