import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase } from '../test/support/postgres.ts';
import { censusIds, planIds } from './census-names.ts';
import { openLedger, type Ledger } from './connect.ts';
import { migrateLedger } from './migrate.ts';

describe('whole numbers of names', () => {
  const plan = (stored: Record<string, number>, names: string[], given: Record<string, number> = {}) =>
    Object.fromEntries(planIds(new Map(Object.entries(stored)), names, new Map(Object.entries(given))));

  it('are given in order, and stay', () => {
    expect(plan({}, ['b', 'a'])).toEqual({ b: 1, a: 2 });
    expect(plan({ b: 1, a: 2 }, ['a', 'b'])).toEqual({});
    expect(plan({ b: 1, a: 2 }, ['c'])).toEqual({ c: 3 });
  });

  it('that a definition gives come first: who had it gets another', () => {
    expect(plan({}, ['a', 'b'], { b: 4895 })).toEqual({ b: 4895, a: 4896 });
    expect(plan({ a: 1, b: 2 }, ['a', 'b'], { b: 1 })).toEqual({ b: 1, a: 3 });
    expect(plan({ a: 1, b: 2 }, ['a', 'b'], { a: 2, b: 1 })).toEqual({ a: 2, b: 1 });
    expect(plan({ b: 1, a: 3 }, ['a', 'b'], { b: 1 })).toEqual({});
  });
});

describe('in the ledger', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let ledger: Ledger;
  beforeAll(async () => {
    database = await freshDatabase();
    await migrateLedger({ databaseUrl: database.url });
    ledger = openLedger({ databaseUrl: database.url });
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  it('a name has one number, whoever asks first and however many ask at once', async () => {
    const asked = await Promise.all(
      ['a', 'b', 'c', 'a', 'b', 'c'].map(async (name) => [
        name,
        (await censusIds(ledger.db, 'sync', [name])).get(name),
      ]),
    );
    const ids = new Map(asked.map(([name, id]) => [name, id]));
    expect([...ids.values()].sort()).toEqual([1, 2, 3]);
    for (const [name, id] of asked) expect(ids.get(name as string)).toBe(id);
    expect((await censusIds(ledger.db, 'model', ['a'])).get('a')).toBe(1);
  });

  it('a number that is given changes hands', async () => {
    const before = await censusIds(ledger.db, 'connection', ['one', 'two']);
    const after = await censusIds(ledger.db, 'connection', ['one', 'two'], new Map([['two', 1]]));
    expect([before, after]).toEqual([
      new Map([
        ['one', 1],
        ['two', 2],
      ]),
      new Map([
        ['two', 1],
        ['one', 3],
      ]),
    ]);
  });
});
