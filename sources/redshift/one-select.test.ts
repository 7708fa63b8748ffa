import { describe, expect, it } from '@jest/globals';
import { oneSelectOf } from './one-select.ts';

const reading = (sql: string): Promise<string> => oneSelectOf({ name: 'm', sql });

describe('redshift: a model', () => {
  it.each([
    ['select 1 as id; select 2', 'there is a second statement'],
    ['select 1 as id;;', 'there is a second statement'],
    ['select 1 as id qualify true; drop table t', 'there is a second statement'],
    ['', 'there is no statement'],
    [';', 'there is no statement'],
    ['-- nothing', 'there is no statement'],
    ['delete from t', 'it is no SELECT'],
    ['values (1)', 'it is no SELECT'],
    ["unload ('select 1') to 's3://b/p' iam_role default", 'it is no SELECT'],
    ['call p()', 'it is no SELECT'],
    ['(delete from t)', 'it is no SELECT'],
    ['with x as (select 1) delete from t', 'it writes'],
    ['with x as (delete from t returning id) select id from x', 'it writes'],
    ['with x as (select c.a.b from s c qualify true) update "t" set a = 1', 'it writes'],
    ['select top 1 id into other from t', 'it has an INTO'],
    ['select id from t qualify true for update', 'it locks rows'],
    ['select pg_terminate_backend(1) as id', 'the function pg_terminate_backend is not allowed'],
    ["select \"set_config\" ('a', 'b', true) from t qualify true", 'the function set_config is not allowed'],
    ['select $$a$$ as id', 'it has a dollar quote, line 1, column 8'],
    ["select $x$ ') as model; drop table t; -- $x$ as id", 'it has a dollar quote, line 1, column 8'],
    ['select change_user_priority(1) as id', 'the function change_user_priority is not allowed'],
    ['select 1 as id \0', 'it has a character that ends a text, line 1, column 16'],
    ['select 1 /* a /* b */ */ as id', 'it has a comment in a comment, line 1, column 10'],
    ["select 'a", 'a quotation mark has no partner, line 1, column 8'],
    ["select 'a\\' as id", 'a quotation mark has no partner, line 1, column 8'],
    ['select 1 /* a', 'a comment has no end, line 1, column 10'],
  ])('%j is refused', async (sql, why) => {
    await expect(reading(sql)).rejects.toMatchObject({ code: 'not_a_select', where: `model m: ${why}` });
  });

  it.each([
    "select 'a\\', ') as model; drop table t; --' as id",
    "select 'a\\\\\\', '; drop table t; --' as id",
    "select '\\'; drop table t; select ''' as id",
    // Hidden from a reading with backslashes and from one without, but not from one where b'…' has none.
    "select b'\\', '\\'', b'\\', pg_terminate_backend(1), '\\'' as id",
  ])('that a backslash gives a second meaning is refused: %j', async (sql) => {
    await expect(reading(sql)).rejects.toMatchObject({ code: 'not_a_select' });
  });

  it.each([
    ['select 1) as model, (select 2 as id', 'line 1, column 9'],
    ['select (1 as id', 'line 1, column 8'],
    ["select 'é',\n id) from t", 'line 2, column 4'],
  ])('%j has a bracket too many', async (sql, where) => {
    await expect(reading(sql)).rejects.toMatchObject({
      code: 'source_syntax',
      where: expect.stringContaining(where),
    });
  });

  it.each([
    'select id, row_number() over (partition by email order by seen) as n from t qualify n = 1',
    'select c.profile.address[0].city::varchar as city from customers c',
    'select top 10 id from t',
    "select * from (select part, n from p) pivot (sum(n) for part in ('a', 'b'))",
    'select o.id, i.sku::varchar as sku from orders o, o.items i',
    'select json_parse(\'{"a":1}\')::super as s',
    'select getdate() as now, nvl(a, 0) as a, dateadd(day, -1, b) as b from t minus select 1, 2, 3',
    'with recursive x(n) as (select 1 union all select n + 1 from x where n < 5) select n from x',
    '(select 1 as id) union all (select 2)',
    "select ';' as semicolon, 'insert into x' as words, \"into\" from t -- the end",
    "select regexp_replace(a, '\\\\d', '') as a from t",
    "select 'it''s' as a, e'it\\'s' as b",
    'select replace(update, 1, 2) as a, delete from t',
    'select 1 as "a"";""b"',
  ])('%j is one SELECT', async (sql) => {
    expect(await reading(sql)).toBe(sql);
  });

  it('loses the semicolon at its end, and nothing else', async () => {
    expect(await reading("select ';' as id ; -- that was it")).toBe("select ';' as id   -- that was it");
  });

  it('may be a table', async () => {
    expect(await oneSelectOf({ name: 'm', table: 'app.we"ird' })).toBe('select * from "app"."we""ird"');
  });
});
