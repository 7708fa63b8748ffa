import { describe, expect, it } from '@jest/globals';
import { column } from '../test/support/columns.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { SyncForMapping } from './choose-traits.ts';
import { compileMapping } from './compile.ts';
import { hindrance, mappingChange, type EarlierMapping } from './mapping-change.ts';

const MODEL = [column('id'), column('email'), column('plan'), column('note')];
const all: SyncForMapping = {
  key: { from: 'id', to: 'userId' },
  properties: 'all',
  normalization: 'match_source_names',
  mapping: [],
  nulls: 'send',
  exclude: ['note'],
};
const deliveredBy = (sync: SyncForMapping, model: readonly Column[] = MODEL): EarlierMapping => {
  const { columns, digest } = compileMapping(sync, model);
  return { digest, columns, known: model.map(({ name }) => name) };
};
const CITY = [...MODEL, column('city')];

describe('what lies between two mappings', () => {
  it.each<[string, SyncForMapping, readonly Column[], ReturnType<typeof mappingChange>]>([
    ['a column that the model has got', all, CITY, { mapping: false, newColumns: ['city'] }],
    [
      'two of them, in the order of their names',
      all,
      [...CITY, column('age')],
      { mapping: false, newColumns: ['age', 'city'] },
    ],
    [
      'a column that was known and is excluded no longer',
      { ...all, exclude: [] },
      MODEL,
      { mapping: true, newColumns: [] },
    ],
    [
      'another rule for names',
      { ...all, normalization: 'upper_case' },
      MODEL,
      { mapping: true, newColumns: [] },
    ],
    ['both at once', { ...all, normalization: 'upper_case' }, CITY, { mapping: true, newColumns: ['city'] }],
    [
      'a new column that the definition names is the change of the definition',
      { ...all, mapping: [{ template: '{{ city | upcase }}', to: 'town' }] },
      CITY,
      { mapping: true, newColumns: [] },
    ],
    [
      'so is one beside it that properties: all sends, for itself',
      { ...all, mapping: [{ from: 'city', to: 'town' }] },
      [...CITY, column('age')],
      { mapping: true, newColumns: ['age'] },
    ],
    [
      'a column that is gone',
      all,
      MODEL.filter(({ name }) => name !== 'plan'),
      { mapping: true, newColumns: [] },
    ],
    [
      'a column of another kind',
      all,
      MODEL.map((one) => (one.name === 'plan' ? column('plan', 'integer') : one)),
      { mapping: true, newColumns: [] },
    ],
  ])('%s', (_, sync, model, expected) => {
    expect(mappingChange(sync, model, compileMapping(sync, model), deliveredBy(all))).toEqual(expected);
  });
});

describe('values of today can be compared with an earlier mapping', () => {
  it.each<[string, readonly Column[], string | null]>([
    ['while the model has its columns', CITY, null],
    ['also when one that it did not read is gone', MODEL.slice(0, 3), null],
    ['not when one is gone', MODEL.filter(({ name }) => name !== 'email'), 'column "email" is gone'],
    [
      'not when one is of another kind',
      MODEL.map((one) => (one.name === 'plan' ? column('plan', 'integer') : one)),
      'column "plan" was text, is integer',
    ],
    [
      'also when its type merely has another name',
      MODEL.map((one) => ({ ...one, sourceType: 'varchar(20)' })),
      null,
    ],
  ])('%s', (_, model, expected) => {
    expect(hindrance(deliveredBy(all), model)).toBe(expected);
  });
});
