import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../../test/support/failure-of.ts';
import { selectOf } from './select-only.ts';

const codeOf = (sql: string): string | null => failureOf(() => selectOf({ name: 'm', sql }))?.code ?? null;

describe('mysql: the SELECT of a model', () => {
  it.each([
    'select \'into; delete\' as a, "for update" as b, `into` from t',
    "select 'it''s \\' into' as a",
    "select '\\'; delete from t -- '",
    'select 1 -- into\n, 2 # ; delete\n, 3 /* into */',
    'select 5--1 as six',
    'select t.into, t.update from t',
    "select replace(a, 'x', 'y'), insert(a, 1, 2, 'z') from t",
    'select sleep(0), substring(a from 1 for 2) from t for system_time all',
    '(select 1 as a) union all (select 2)',
    'with a as (select 1 as b) select b from a',
    'values (1, 2)',
    'select /*+ no_merge(t) */ a from t',
    'select nextval from t',
  ])('may be %s', (sql) => {
    expect(codeOf(sql)).toBeNull();
  });

  it.each([
    ['', 'not_a_select'],
    ['-- nothing', 'not_a_select'],
    ['select 1; select 2', 'not_a_select'],
    ["select '\\'' into @a", 'not_a_select'],
    ['select 1 --\u00a0\ninto @a', 'not_a_select'],
    ['select 1 --\u00a0 into @a', 'not_a_select'],
    ['select 1 /*!50000 into @a */', 'not_a_select'],
    ['select 1 /*M!100000 into @a */', 'not_a_select'],
    ['select 1\0', 'not_a_select'],
    ['select `load_file`("/etc/passwd")', 'not_a_select'],
    ['select GET_LOCK /* x */\n(1, 1)', 'not_a_select'],
    ['select a from t FOR\nUPDATE', 'not_a_select'],
    ['select a from t for share', 'not_a_select'],
    ['select a from t where b = 1.for share', 'not_a_select'],
    ['select a from t where b = 1.lock in share mode', 'not_a_select'],
    ['with a as (select 1) update t set b = 1', 'not_a_select'],
    ['explain select 1', 'not_a_select'],
    ['select 1) as a, (select 2', 'source_syntax'],
    ['(select 1', 'source_syntax'],
    ["select 'a", 'source_syntax'],
    ['select 1 /* open', 'source_syntax'],
  ])('is not %j: %s', (sql, code) => {
    expect(codeOf(sql)).toBe(code);
  });

  it('is cut before its semicolon', () => {
    expect(selectOf({ name: 'm', sql: "select ';' as a ; -- the end" })).toBe("select ';' as a ");
  });

  it('of a table quotes its name', () => {
    expect(selectOf({ name: 'm', table: 'app.us`ers' })).toBe('select * from `app`.`us``ers`');
  });

  it('names the place of what is open', () => {
    expect(failureOf(() => selectOf({ name: 'm', sql: "select 1,\n 'open" }))?.where).toBe(
      'model m, line 2, column 2',
    );
  });
});
