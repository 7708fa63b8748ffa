import { describe, expect, it } from '@jest/globals';
import { listed, pageOf, pageSchema } from './envelope.ts';
import { flagSchema } from './flag.ts';

describe('a list', () => {
  const items = [3, 1, 2].map((id) => ({ id }));

  it('has the newest first unless the other way is asked for', () => {
    expect(pageOf(items, pageSchema.parse({}))).toEqual([{ id: 3 }, { id: 2 }, { id: 1 }]);
    expect(pageOf(items, pageSchema.parse({ order: 'asc', per_page: '2', page: '2' }))).toEqual([{ id: 3 }]);
  });

  it('without anything is one page, and one beyond the end says where the last is', () => {
    expect(listed([], 0, pageSchema.parse({})).pagination).toEqual({
      total_records: 0,
      per_page: 25,
      prev_page: null,
      page: 1,
      next_page: null,
      last_page: 1,
    });
    expect(listed([], 3, pageSchema.parse({ page: '9', per_page: '2' })).pagination).toMatchObject({
      prev_page: 2,
      next_page: null,
      last_page: 2,
    });
  });

  it('gives a hundred a page at most', () => {
    expect(pageSchema.parse({ per_page: '1000' }).per_page).toBe(100);
  });
});

it('yes and no are read as clients write them', () => {
  expect([true, 'true', 'True', '1', 1, 't'].map((given) => flagSchema.parse(given))).toEqual(
    Array(6).fill(true),
  );
  expect(
    [false, 'false', 'False', '0', 0, '', null, undefined].map((given) => flagSchema.parse(given)),
  ).toEqual(Array(8).fill(false));
  expect(flagSchema.safeParse('perhaps').success).toBe(false);
});
