import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { valueWriter } from '../../mapping/value.ts';
import { nobodyStops, readPieces } from '../../test/support/read-pieces.ts';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { MAX_VALUE_BYTES, SPOOL_NULL } from '../../vocabulary/spool.ts';
import type { Source } from '../source.ts';
import { openPostgres } from './open-postgres.ts';

let database: TestDatabase;
let source: Source;
const opened: Source[] = [];

const open = (fields: object = {}, context = nobodyStops()): Source => {
  const connection = resolveConnection('warehouse', {
    type: 'postgres',
    url: database.url,
    statementTimeout: '1h',
    ...fields,
  });
  const one = openPostgres('warehouse', connection, context);
  opened.push(one);
  return one;
};

beforeAll(async () => {
  database = await freshDatabase();
  await database.query(`
    create table people (id bigint primary key, name text);
    insert into people select g, 'name ' || g from generate_series(1, 1000) g;
    create function write_something() returns int language sql as $$ insert into people values (-1, 'x') returning 1 $$;
    create type pair as (a int, b text);
    create domain email as text check (value like '%@%');
    create type mood as enum ('sad', 'ok')`);
  source = open();
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await database.drop();
});

const modelOf = (sql: string) => ({ name: 'm', sql });

/** Every row of a model as COPY spooled it, still escaped. */
async function spooled(sql: string, from = source): Promise<string[][]> {
  const columns = await from.describe(modelOf(sql));
  const { pieces } = await from.read(
    modelOf(sql),
    columns.map(({ name }) => name),
    { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from: null },
  );
  return (await readPieces(pieces))
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** One value, from the warehouse to the JSON text that Segment gets. */
async function sent(expression: string, from = source): Promise<unknown> {
  const sql = `select ${expression} as value`;
  const [column] = await from.describe(modelOf(sql));
  const [[written = ''] = []] = await spooled(sql, from);
  if (column === undefined) throw new Error('no column');
  return written === SPOOL_NULL ? null : valueWriter(column)(written);
}

describe('postgres: a value reaches Segment', () => {
  it.each([
    ['1::smallint', '1'],
    ['(-2147483648)::int', '-2147483648'],
    ['9007199254740991::bigint', '9007199254740991'],
    ['9007199254740993::bigint', '"9007199254740993"'],
    ['(-9223372036854775808)::bigint', '"-9223372036854775808"'],
    ['1.50::numeric(10,2)', '1.5'],
    ['0.1::numeric', '0.1'],
    ['12345678901234567890.123456789::numeric', '"12345678901234567890.123456789"'],
    ['99999999999999999999999999999999999999::numeric(38)', '"99999999999999999999999999999999999999"'],
    ['0.30000000000000001::numeric', '"0.30000000000000001"'],
    ['0.1::float8', '0.1'],
    ['1e300::float8', '1e+300'],
    ['0.1::float4', '0.1'],
    ['true', 'true'],
    ['false', 'false'],
    ["''::text", '""'],
    ["'null'::text", '"null"'],
    [
      `E'tab\\t line\\n return\\r back\\\\slash "quoted"'`,
      JSON.stringify('tab\t line\n return\r back\\slash "quoted"'),
    ],
    ["'\\N'::text", JSON.stringify('\\N')],
    ["'Zoë 山田 👩‍👩‍👧 \u2028'::text", JSON.stringify('Zoë 山田 👩‍👩‍👧 \u2028')],
    ["'x'::varchar(10)", '"x"'],
    ["'ab'::char(4)", '"ab"'],
    ["'a@b.c'::email", '"a@b.c"'],
    ["'sad'::mood", '"sad"'],
    ["'2024-02-29 23:59:59.123456+02'::timestamptz", '"2024-02-29T21:59:59.123456Z"'],
    ["'2024-02-29 12:00:00'::timestamp", '"2024-02-29T12:00:00Z"'],
    ["'1969-12-31 23:59:59+00'::timestamptz", '"1969-12-31T23:59:59Z"'],
    ["'2024-02-29'::date", '"2024-02-29"'],
    ["'12:34:56.789'::time", '"12:34:56.789"'],
    ["'12:34:56+02'::timetz", '"12:34:56+02"'],
    ["'1 year 2 days 3 hours'::interval", '"P1Y2DT3H"'],
    ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
    ["'\\xdeadbeef'::bytea", '"3q2+7w=="'],
    ["decode(repeat('00', 100), 'hex')", `"${Buffer.alloc(100).toString('base64')}"`],
    [`'{"b":1,"a":[1,2,{"c":null}]}'::json`, '{"b":1,"a":[1,2,{"c":null}]}'],
    [`'{"n":9007199254740993}'::json`, '{"n":"9007199254740993"}'],
    [`'{"s":"tab\\t"}'::jsonb`, '{"s": "tab\\t"}'],
    ["'null'::jsonb", 'null'],
    ['array[1,2,null]::int[]', '[1,2,null]'],
    ["array['a','b\"c']", '["a","b\\"c"]'],
    ['array[9007199254740993]::bigint[]', '["9007199254740993"]'],
    ["array['2024-01-01 00:00:00+00'::timestamptz]", '["2024-01-01T00:00:00+00:00"]'],
    ['array[[1,2],[3,4]]', '[[1,2],[3,4]]'],
    ["row(1, 'x')::pair", '{"a":1,"b":"x"}'],
    ["'192.168.0.1/24'::inet", '"192.168.0.1/24"'],
    ["'[1,5)'::int4range", '"[1,5)"'],
    ["'1.5'::money", '"$1.50"'],
    ['null::text', null],
    ['null::bigint', null],
    ['null::boolean', null],
    ["'NaN'::float8", { invalid: 'not_finite' }],
    ["'-Infinity'::float8", { invalid: 'not_finite' }],
    ["'NaN'::numeric", { invalid: 'not_finite' }],
    ["'Infinity'::numeric", { invalid: 'not_finite' }],
    ["'infinity'::timestamptz", { invalid: 'timestamp_out_of_range' }],
    ["'-infinity'::date", { invalid: 'timestamp_out_of_range' }],
    ["'0044-03-15 BC'::date", { invalid: 'timestamp_out_of_range' }],
    [`repeat('x', ${MAX_VALUE_BYTES + 1})`, { invalid: 'too_large' }],
    [`repeat('山', ${MAX_VALUE_BYTES})`, { invalid: 'too_large' }],
    [`to_json(repeat('x', ${MAX_VALUE_BYTES}))`, { invalid: 'too_large' }],
    [`array_fill(1, array[${MAX_VALUE_BYTES}])`, { invalid: 'too_large' }],
    [`decode(repeat('00', ${MAX_VALUE_BYTES}), 'hex')`, { invalid: 'too_large' }],
  ])('%s', async (expression, json) => {
    expect(await sent(expression)).toEqual(json);
  });

  it('as the same text whatever the database and the user are set to', async () => {
    const role = `r${Math.random().toString(36).slice(2)}`;
    await database.query(`create role ${role} login password 'x'`);
    for (const setting of [
      "TimeZone='Asia/Tokyo'",
      "DateStyle='German'",
      "IntervalStyle='postgres_verbose'",
      "bytea_output='escape'",
      'extra_float_digits=-5',
    ]) {
      await database.query(`alter role ${role} set ${setting}`);
    }
    const url = Object.assign(new URL(database.url), { username: role, password: 'x' }).href;
    const other = open({ url });
    for (const expression of [
      "'2024-02-29 12:00+02'::timestamptz",
      "'2024-02-29'::date",
      "'1 day'::interval",
      "'\\x00ff'::bytea",
      '0.1::float8 / 3',
    ]) {
      expect(await sent(expression, other)).toEqual(await sent(expression));
    }
    await other.close();
    await database.query(`drop role ${role}`);
  });
});

describe('postgres: a model', () => {
  it.each([
    ['select 1 as a; select 2', 'there is a second statement'],
    ["insert into people values (1, 'x')", 'it is no SELECT'],
    ['delete from people', 'it is no SELECT'],
    ['drop table people', 'it is no SELECT'],
    ['create table t as select 1', 'it is no SELECT'],
    ['copy people to stdout', 'it is no SELECT'],
    ['explain analyze select 1', 'it is no SELECT'],
    ['with gone as (delete from people returning id) select * from gone', 'it writes'],
    ['select * into elsewhere from people', 'it has an INTO'],
    ['select * from people for update', 'it locks rows'],
    ["select nextval('s')", 'the function nextval is not allowed'],
    ['select pg_terminate_backend(1)', 'the function pg_terminate_backend is not allowed'],
    ["select set_config('transaction_read_only', 'off', true)", 'the function set_config is not allowed'],
    ['', 'there is no statement'],
    ['-- nothing but a comment', 'there is no statement'],
  ])('%j is refused before it runs', async (sql, why) => {
    await expect(source.describe(modelOf(sql))).rejects.toMatchObject({
      code: 'not_a_select',
      where: `model m: ${why}`,
    });
    expect(await database.query('select count(*)::int as count from people')).toEqual([{ count: 1000 }]);
  });

  it('could not write even when a function that it calls would', async () => {
    const sql = 'select write_something() as id';
    await expect(spooled(sql)).rejects.toMatchObject({
      code: 'not_a_select',
      where: expect.stringContaining('25006'),
    });
    expect(await database.query('select count(*)::int as count from people')).toEqual([{ count: 1000 }]);
  });

  it.each([
    'select id from people limit 1 -- a comment at the end',
    'select id from people limit 1;',
    '/* before */ with x as (select id from people) select * from x limit 1 ; ',
    'table people limit 1',
    'values (1)',
    "select ';' as semicolon, 'insert into x' as words",
    'select 1 as a union all select 2',
  ])('%j is one SELECT', async (sql) => {
    expect((await spooled(sql)).length).toBeGreaterThan(0);
  });

  it.each([
    ['selec id from people', 'source_syntax', 'model m, line 1, column 1'],
    ['select id\nfrom people\nwhere', 'source_syntax', 'model m, line 3, column 6'],
    ['select id from nowhere', 'source_table_missing', 'line 1, column 16, 42P01'],
    ['select id from nowhere.people', 'source_table_missing', '42P01'],
    ["select 'é' as x,\n  nam from people", 'source_column_missing', 'line 2, column 3, 42703'],
    ['select id, id from people', 'duplicate_column', 'column "id"'],
    ['select no_such_function(1)', 'source_query_failed', '42883'],
  ])('%j is refused with the place', async (sql, code, where) => {
    await expect(source.validate(modelOf(sql))).rejects.toMatchObject({
      code,
      where: expect.stringContaining(where),
    });
  });

  it('that fails at a row says so without the value of the row', async () => {
    const failing = spooled("select (name || 'planted-value')::int as id from people");
    await expect(failing).rejects.toMatchObject({
      code: 'source_query_failed',
      where: expect.stringContaining('22P02'),
    });
    await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('planted-value') });
  });

  it('that takes longer than statementTimeout is ended', async () => {
    const hasty = open({ statementTimeout: '300ms' });
    await expect(spooled('select 1 as a from pg_sleep(30)', hasty)).rejects.toMatchObject({
      code: 'source_timeout',
    });
  });

  it('may be a table', async () => {
    const columns = await source.describe({ name: 'm', table: 'public.people' });
    expect(columns).toEqual([
      { name: 'id', kind: 'integer', sourceType: 'bigint' },
      { name: 'name', kind: 'text', sourceType: 'text' },
    ]);
  });

  it('is previewed with its first rows', async () => {
    expect(
      await source.preview(modelOf('select id, name, id > 1 as more from people order by id'), 2),
    ).toEqual({
      columns: [
        { name: 'id', kind: 'integer', sourceType: 'bigint' },
        { name: 'name', kind: 'text', sourceType: 'text' },
        { name: 'more', kind: 'boolean', sourceType: 'boolean' },
      ],
      rows: [
        ['1', 'name 1', 'f'],
        ['2', 'name 2', 't'],
      ],
    });
  });

  it('that is stopped leaves no query running at the server', async () => {
    const stopping = new AbortController();
    const stoppable = open({}, { ...nobodyStops(), signal: stopping.signal });
    const { pieces } = await stoppable.read(modelOf('select pg_sleep(60)::text as a from people'), ['a'], {
      maxValueBytes: MAX_VALUE_BYTES,
      id: 'test',
      from: null,
    });
    const ended = expect(readPieces(pieces)).rejects.toMatchObject({ code: 'run_cancelled' });
    stopping.abort();
    await ended;
    for (let sessions = 1; sessions > 0;) {
      const [row] = await database.query(
        "select count(*)::int as sessions from pg_stat_activity where query like 'copy%pg_sleep%' and state = 'active'",
      );
      sessions = Number(row?.sessions);
    }
  });

  it('whose connection breaks while it is read can be read again', async () => {
    const { pieces } = await source.read(
      modelOf('select name, pg_sleep(0.01)::text as a from people'),
      ['name', 'a'],
      { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from: null },
    );
    const ended = readPieces(pieces).catch((error: unknown) => error);
    await database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy%pg_sleep%' and pid <> pg_backend_pid()",
    );
    expect(await ended).toMatchObject({ code: 'source_interrupted', entry: { retryable: true } });
  });
});

describe('postgres: a connection', () => {
  const validating = (change: (url: URL) => void, fields: object = {}): Promise<unknown> => {
    const url = new URL(database.url);
    change(url);
    return open({ url: url.href, ...fields }).validate(null);
  };

  it.each<[string, (url: URL) => void, string]>([
    ['a wrong password', (url) => (url.password = 'planted-secret'), 'source_credentials'],
    ['an unknown user', (url) => (url.username = 'nobody_knows'), 'source_credentials'],
    ['a database that is not there', (url) => (url.pathname = '/nowhere'), 'source_database_missing'],
    ['a port where nobody listens', (url) => (url.port = '1'), 'source_unreachable'],
    ['a host that is not known', (url) => (url.hostname = 'no-such-host.invalid'), 'source_host_unknown'],
  ])('with %s is told apart', async (_, change, code) => {
    const failing = validating(change);
    await expect(failing).rejects.toMatchObject({
      code,
      where: expect.stringContaining('connection warehouse'),
    });
    await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('planted-secret') });
  });

  it('that has to be TLS is refused by a server without', async () => {
    await expect(validating(() => undefined, { sslmode: 'require' })).rejects.toMatchObject({
      code: 'source_tls',
    });
  });

  describe('of a user with few rights', () => {
    const role = `reader_${Math.random().toString(36).slice(2)}`;
    const asReader = (): Source =>
      open({ url: Object.assign(new URL(database.url), { username: role, password: 'x' }).href });
    beforeAll(() =>
      database.query(`create role ${role} login password 'x'; revoke create on schema public from public`),
    );
    afterEach(() => database.query(`revoke all on all tables in schema public from ${role}`));
    afterAll(async () => {
      await Promise.all(opened.map((one) => one.close()));
      await database.query(`drop owned by ${role}; drop role ${role}`);
    });

    it('is told which right is missing', async () => {
      await expect(asReader().validate({ name: 'm', table: 'people' })).rejects.toMatchObject({
        code: 'source_permission',
      });
    });

    it('is fine when it may only read', async () => {
      await database.query(`grant select on people to ${role}`);
      expect(await asReader().validate({ name: 'm', table: 'people' })).toEqual({ warnings: [] });
    });

    it('is warned of when it could write', async () => {
      await database.query(`grant select, insert on people to ${role}`);
      expect(await asReader().validate(null)).toEqual({ warnings: [expect.stringContaining('could write')] });
    });
  });

  it('of a superuser is warned of', async () => {
    expect(await source.validate(null)).toEqual({ warnings: [expect.stringContaining('superuser')] });
  });
});
