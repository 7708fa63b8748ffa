import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { column } from '../test/support/columns.ts';
import { failureOf } from '../test/support/failure-of.ts';
import { columnKinds } from '../vocabulary/columns.ts';
import type { SyncForMapping } from './choose-traits.ts';
import { compileMapping } from './compile.ts';

const columns = [column('b'), column('user_id', 'integer'), column('c', 'json'), column('a', 'decimal')];

const sync = (changes: Partial<SyncForMapping> = {}): SyncForMapping => ({
  key: { from: 'user_id', to: 'userId' },
  properties: 'all',
  normalization: 'match_source_names',
  mapping: [],
  nulls: 'send',
  ...changes,
});

describe('what a mapping reads', () => {
  const read = (changes: Partial<SyncForMapping>): string[] =>
    compileMapping(sync(changes), columns).columns.map(({ name }) => name);

  it('is the key first, then the other columns by name', () => {
    expect(read({})).toEqual(['user_id', 'a', 'b', 'c']);
  });

  it('is no column that is not sent', () => {
    expect(read({ properties: 'selected', mapping: [{ from: 'b', to: 'x' }] })).toEqual(['user_id', 'b']);
    expect(read({ properties: 'selected', mapping: [{ constant: 1, to: 'x' }] })).toEqual(['user_id']);
  });

  it('is each column once, the key too, however often it is mapped', () => {
    const mapping = ['b', 'user_id', 'b', 'user_id'].map((from, position) => ({ from, to: `x${position}` }));
    expect(read({ properties: 'selected', mapping })).toEqual(['user_id', 'b']);
  });

  it('does not depend on the order of columns', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(columns, { minLength: columns.length }), (shuffled) => {
        expect(compileMapping(sync(), shuffled)).toEqual(compileMapping(sync(), columns));
      }),
    );
  });

  it('is shown to people by trait', () => {
    const mapping = [{ constant: 1, to: 'x' }];
    expect(compileMapping(sync({ mapping }), columns).traits).toEqual([
      { name: 'a', from: 'a', kind: 'decimal' },
      { name: 'b', from: 'b', kind: 'text' },
      { name: 'c', from: 'c', kind: 'json' },
      { name: 'x', from: null, kind: 'constant' },
    ]);
  });
});

describe('a sync is refused', () => {
  it('when the key column is missing, and is told the nearest', () => {
    expect(failureOf(() => compileMapping(sync({ key: { from: 'userid', to: 'userId' } }), columns))).toEqual(
      {
        code: 'key_column_missing',
        where: '"userid"; did you mean "user_id"?',
      },
    );
  });

  it('when two columns have the same name', () => {
    expect(failureOf(() => compileMapping(sync(), [...columns, column('b', 'date')]))).toEqual({
      code: 'duplicate_column',
      where: 'column "b"',
    });
  });

  it.each(columnKinds)('or not, when the key is of kind %s', (kind) => {
    const stable = ['text', 'integer', 'decimal', 'date'].includes(kind);
    const of = [{ name: 'user_id', kind, sourceType: `the type ${kind}` }, column('a')];
    expect(failureOf(() => compileMapping(sync(), of))).toEqual(
      stable ? null : { code: 'key_type_unsupported', where: `column "user_id" is the type ${kind}` },
    );
  });
});
