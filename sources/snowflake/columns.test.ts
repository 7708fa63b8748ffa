import { describe, expect, it } from '@jest/globals';
import { columnsOf, selected } from './columns.ts';

describe('snowflake: a column', () => {
  it.each([
    ['real', `to_varchar("a ""b""", 'TME') as "a ""b"""`],
    ['vector', '"a ""b"""::array as "a ""b"""'],
    ['text', 'left("a ""b""", 101) as "a ""b"""'],
    ['fixed', '"a ""b"""'],
    ['variant', '"a ""b"""'],
  ])('of type %s is asked for with all its digits', (type, sql) => {
    const [column] = columnsOf('m', [{ name: 'a "b"', type, precision: null, scale: null }]);
    expect(column === undefined ? null : selected(column, 100)).toBe(sql);
  });
});
