import { describe, expect, it } from '@jest/globals';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import { columnOf, selected } from './columns.ts';

describe('databricks: a type that the stand-in does not have', () => {
  it.each([
    ['GEOGRAPHY(4326)', 'json', 'left(st_asgeojson(model.`v`), 32769)'],
    ['GEOMETRY(ANY)', 'json', 'left(st_asgeojson(model.`v`), 32769)'],
    ['OBJECT', 'text', 'cast(model.`v` as string)'],
  ])('%s is read as %s by %s', (type, kind, expression) => {
    const column = columnOf('v', type);
    expect(column.kind).toBe(kind);
    expect(selected(column, MAX_VALUE_BYTES)).toBe(expression);
  });
});

describe('databricks: a type by its other name', () => {
  it.each([
    ['LONG', 'integer'],
    ['byte', 'integer'],
    ['DECIMAL(10, 2)', 'decimal'],
    ['STRUCT<a: INT NOT NULL>', 'json'],
    ['INTERVAL DAY TO SECOND', 'text'],
  ])('%s is %s', (type, kind) => {
    expect(columnOf('v', type).kind).toBe(kind);
  });
});

it('a backtick in the name of a column is doubled', () => {
  expect(selected(columnOf('a`b', 'INT'), 10)).toBe('cast(model.`a``b` as string)');
});
