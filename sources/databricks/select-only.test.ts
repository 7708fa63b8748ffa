import { describe, expect, it } from '@jest/globals';
import { selectOf } from './select-only.ts';

const select = (sql: string): string => selectOf({ name: 'm', sql });
const refusal = (sql: string): string => {
  try {
    return select(sql);
  } catch (error) {
    return (error as Error).message;
  }
};

describe('databricks: a SELECT', () => {
  it.each([
    'select 1',
    '(select 1) union all (select 2)',
    'values (1, 2)',
    'table users',
    'from users |> where id > 1',
    'with a as (select 1 as insert), b (x, y) as (select 1, 2) select * from a, b',
    'with recursive t (n) max recursion level 10 as (select 1 union all select n + 1 from t) select * from t',
    "select ';' as a, \"; drop\" as b, `;)` as c, r'\\' as d, 'it\\'s ;' as e",
    'select 1 -- ; drop table users\n',
    'select /* a /* nested ; */ ) */ 1',
    'select reflect from mirrors',
    'select `select`, update from users',
  ])('passes: %s', (sql) => {
    expect(select(sql)).toBe(sql);
  });

  it('loses the semicolon at its end', () => {
    expect(select("select ';' as a ; -- done")).toBe("select ';' as a ");
  });

  it('of a table is written', () => {
    expect(selectOf({ name: 'm', table: 'main.app.us`ers' })).toBe('select * from `main`.`app`.`us``ers`');
  });
});

describe('databricks: anything else is refused', () => {
  it.each([
    ['', 'no statement'],
    [' -- nothing', 'no statement'],
    ['select 1; select 2', 'a second statement'],
    ['insert into users select 1', 'no SELECT'],
    ['with a as (select 1) delete from users', 'no SELECT'],
    ['with a as (select ")") , b as (select 1) merge into users', 'no SELECT'],
    ['explain select 1', 'no SELECT'],
    ['from users insert into users select *', 'writes'],
    ['select 1) as m union (select 2', 'closes a bracket'],
    ["select JAVA_METHOD ('a', 'b')", 'java_method'],
    ["select `reflect`('a', 'b')", 'reflect'],
  ])('%j: %s', (sql, why) => {
    expect(refusal(sql)).toContain(why);
  });
});
