import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../../test/support/failure-of.ts';
import { selectOf } from './select-only.ts';

const refused = (sql: string) => failureOf(() => selectOf({ name: 'm', sql }));

describe('snowflake: a model', () => {
  it.each([
    ['select 1 as a', 'select 1 as a'],
    ['select 1 as a ; ;\n', 'select 1 as a'],
    ['select 1 as a -- at the end;', 'select 1 as a'],
    ['-- before\n(select 1 as a) union all (select 2)', '-- before\n(select 1 as a) union all (select 2)'],
    ["with x as (select ';' as a) select * from x", "with x as (select ';' as a) select * from x"],
    ['select $$a; b$$ as a', 'select $$a; b$$ as a'],
    ["select 'it''s \\'; ' as a", "select 'it''s \\'; ' as a"],
    ['select 1 as "a;b"', 'select 1 as "a;b"'],
    ['select 1 /* ; */ as a // ;', 'select 1 /* ; */ as a'],
    ['select nextval from t', 'select nextval from t'],
    [
      'with x as (select 1 as procedure) select procedure from x',
      'with x as (select 1 as procedure) select procedure from x',
    ],
    ['select identifier from t', 'select identifier from t'],
    ['select 1 -- one\r\n as a', 'select 1 -- one\r\n as a'],
    ['select system$typeof(a) as b from t', 'select system$typeof(a) as b from t'],
  ])('%j is one SELECT', (sql, text) => {
    expect(selectOf({ name: 'm', sql })).toBe(text);
  });

  it.each([
    ['', 'there is no statement'],
    ['-- nothing', 'there is no statement'],
    ['show tables', 'it is no SELECT'],
    ['with x as (select 1) select 1; drop table t', 'there is a second statement'],
    ["select 'a\\\\'; drop table t; --'", 'there is a second statement'],
    ['select 1) as model, (select 2', 'a parenthesis is closed that was not opened'],
    ['select "SYSTEM$ABORT_SESSION"(1)', 'the function SYSTEM$ABORT_SESSION is not allowed'],
    ['select s . "NEXTVAL"', 'it advances a sequence'],
    ['select * from table(getnextval(s))', 'it advances a sequence'],
    ['with p as procedure () returns int as $$delete$$ call p()', 'it defines a procedure'],
    ["select identifier('SYSTEM$CANCEL_QUERY')('1')", 'IDENTIFIER(…) hides what it names'],
    ["select * from Identifier /* of */ ('t')", 'IDENTIFIER(…) hides what it names'],
    ['select 1 -- a\r) as model; drop table t; --\n', 'a comment holds a carriage return'],
  ])('%j is refused', (sql, why) => {
    expect(refused(sql)).toEqual({ code: 'not_a_select', where: `model m: ${why}` });
  });

  it('may be a table, and nothing but its name', () => {
    expect(selectOf({ name: 'm', table: 'db.public."My Table"' })).toBe('select * from db.public."My Table"');
    expect(failureOf(() => selectOf({ name: 'm', table: 't; drop table t' }))).toMatchObject({
      code: 'source_table_missing',
    });
  });
});
