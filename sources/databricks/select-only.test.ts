import { describe, expect, it } from '@jest/globals';
import { selectOf } from './select-only.ts';

const select = (sql: string): string => selectOf({ name: 'm', sql });
const refusal = (sql: string): string => {
  try {
    select(sql);
    return 'it passes';
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
    'select /*+ broadcast(a) */* from a join b using (id)',
    "select * from identifier('main.app.users') where id in (1, 2)",
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
    ["select \"reflect\"('a', 'b')", 'reflect'],
    ["select ai_query('agent', email) from users", 'ai_query'],
    ["select * from remote_query('crm', query => 'select forget(1)')", 'remote_query'],
    ["select identifier('ref' || 'lect')('a', 'b')", 'computed'],
    ["select id from (select transform(id) using 'sh -c id' as (id) from users)", 'program'],
    ['select id from (map id using r"cat" as (id) from users)', 'program'],
  ])('%j: %s', (sql, why) => {
    expect(refusal(sql)).toContain(why);
  });
});

describe('databricks: a call is found behind', () => {
  it.each([
    ['a comment that a carriage return ends', "select 1 --\r, reflect('a', 'b')"],
    ['a comment that goes on in the next line', "select 1 -- \\\n'\n, reflect('a', 'b') as `'`"],
    ['a hint with the end of a comment in a text', "select /*+ a('*/ ') */ reflect('a', 'b'), ''"],
    ['the mark of a hint in a comment', "select 1 /* /*+ */, reflect('a', 'b') /* */ */"],
    ['the end of a hint and a star', "select /*+ a */* , reflect('a', 'b') /* */ from users"],
  ])('%s', (_, sql) => {
    expect(refusal(sql)).toContain('reflect');
  });
});
