import { expect, it } from '@jest/globals';
import { censusIdFindings } from './check-census-id.ts';

it('no two syncs have the same censusId', () => {
  const one = { censusId: 7 };
  expect(censusIdFindings('one', one, new Map([['one', one]]))).toEqual([]);
  const both = new Map<string, unknown>([
    ['one', one],
    ['two', { censusId: 7 }],
    ['three', {}],
  ]);
  expect(censusIdFindings('one', one, both)).toMatchObject([
    { path: ['censusId'], message: 'the sync "one" has the censusId of the sync "two": 7' },
  ]);
  expect(censusIdFindings('three', {}, both)).toEqual([]);
});
