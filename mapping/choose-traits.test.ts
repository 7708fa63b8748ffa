import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalizations } from '../definitions/sync.ts';
import { objects } from '../definitions/objects.ts';
import { column } from '../test/support/columns.ts';
import { failureOf } from '../test/support/failure-of.ts';
import { chooseTraits, type SyncForMapping } from './choose-traits.ts';
import { normalizeName } from './normalize.ts';
import type { Trait } from './traits.ts';

const columns = ['user_id', 'email', 'plan', 'logins_30d'].map((name) => column(name));

const sync = (changes: Partial<SyncForMapping> = {}): SyncForMapping => ({
  key: { from: 'user_id', to: 'userId' },
  properties: 'all',
  normalization: 'match_source_names',
  mapping: [],
  nulls: 'send',
  ...changes,
});

const described = (traits: readonly Trait[]): Record<string, unknown> =>
  Object.fromEntries(
    traits.map(({ name, source }) => [
      name,
      source.kind === 'column'
        ? source.column.name
        : source.kind === 'constant'
          ? { constant: source.constant }
          : source,
    ]),
  );
const traitsOf = (changes: Partial<SyncForMapping>, of = columns): Record<string, unknown> =>
  described(chooseTraits(sync(changes), of));
const faultOf = (changes: Partial<SyncForMapping>, of = columns) =>
  failureOf(() => chooseTraits(sync(changes), of));

describe('properties: all', () => {
  it('sends every column but the key, under its normalized name', () => {
    expect(traitsOf({ normalization: 'camel_case' })).toEqual({
      email: 'email',
      plan: 'plan',
      logins30d: 'logins_30d',
    });
  });

  it('does not send a column again that is mapped explicitly', () => {
    expect(traitsOf({ mapping: [{ from: 'logins_30d', to: 'loginsLast30Days' }] })).toEqual({
      email: 'email',
      plan: 'plan',
      loginsLast30Days: 'logins_30d',
    });
  });

  it('leaves the name that a mapping gives as it is', () => {
    const mapping = [{ from: 'email', to: 'E-Mail  ADDRESS' }];
    expect(traitsOf({ normalization: 'snake_case', mapping })).toHaveProperty(['E-Mail  ADDRESS'], 'email');
  });
});

describe('properties: selected', () => {
  it('sends what is mapped and nothing else', () => {
    const mapping = [
      { from: 'plan', to: 'plan' },
      { constant: 'backhaul', to: 'source' },
    ];
    expect(traitsOf({ properties: 'selected', mapping })).toEqual({
      plan: 'plan',
      source: { constant: 'backhaul' },
    });
  });

  it('does not touch names with the normalization', () => {
    const mapping = [{ from: 'plan', to: 'The Plan' }];
    expect(traitsOf({ properties: 'selected', normalization: 'snake_case', mapping })).toEqual({
      'The Plan': 'plan',
    });
  });
});

describe('the key column', () => {
  it.each(['all', 'selected'] as const)(
    'is a trait only where it is mapped (properties: %s)',
    (properties) => {
      const email = { from: 'email', to: 'email' };
      expect(traitsOf({ properties, mapping: [email] })).not.toHaveProperty('user_id');
      expect(traitsOf({ properties, mapping: [email, { from: 'user_id', to: 'id' }] })).toMatchObject({
        id: 'user_id',
      });
    },
  );
});

describe('a mapping', () => {
  it('may send a column under several names', () => {
    const mapping = [
      { from: 'email', to: 'email' },
      { from: 'email', to: 'login' },
    ];
    expect(traitsOf({ properties: 'selected', mapping })).toEqual({ email: 'email', login: 'email' });
  });

  it.each(['a text', '', 0, -1.5, true, false, null])('may send the constant %j', (constant) => {
    expect(traitsOf({ properties: 'selected', mapping: [{ constant, to: 'x' }] })).toEqual({
      x: { constant },
    });
  });

  it('says what happens to its nulls, else the sync does', () => {
    const mapping = [
      { from: 'email', to: 'email', nulls: 'omit' as const },
      { from: 'plan', to: 'plan' },
    ];
    const nulls = chooseTraits(sync({ mapping }), columns).map((trait) => `${trait.name} ${trait.nulls}`);
    expect(nulls).toEqual(['email omit', 'logins_30d send', 'plan send']);
    expect(chooseTraits(sync({ nulls: 'omit' }), columns).map((trait) => trait.nulls)).toEqual([
      'omit',
      'omit',
      'omit',
    ]);
  });

  it('of a constant null that is to be omitted is no trait', () => {
    const mapping = [{ constant: null, to: 'x', nulls: 'omit' as const }];
    expect(traitsOf({ mapping })).not.toHaveProperty('x');
    expect(faultOf({ properties: 'selected', mapping })).toMatchObject({ code: 'nothing_mapped' });
  });

  it.each([
    ['emial', '"emial"; did you mean "email"?'],
    ['Email', '"Email"; did you mean "email"?'],
    ['logins30d', '"logins30d"; did you mean "logins_30d"?'],
    ['city', '"city"; the columns are user_id, email, plan, logins_30d'],
  ])('of the column %s, which the model does not return, names the nearest', (from, where) => {
    expect(faultOf({ mapping: [{ from, to: 'x' }] })).toEqual({ code: 'column_missing', where });
  });

  it('of a missing column names no more columns than fit a message', () => {
    const many = Array.from({ length: 25 }, (_, position) => column(`c${position}`));
    const { where } = faultOf({ mapping: [{ from: 'city', to: 'x' }] }, many) ?? { where: '' };
    expect(where).toMatch(/^"city"; the columns are c0, c1, .*, c19 and 5 more$/);
  });

  it('of a missing column says so when the model returns none', () => {
    expect(faultOf({ mapping: [{ from: 'city', to: 'x' }] }, [])).toEqual({
      code: 'column_missing',
      where: '"city"; the model returns no columns',
    });
  });
});

describe('two columns that end in one trait', () => {
  it.each([
    ['start_case', 'userId', 'user_id', 'User Id'],
    ['lower_case', 'Plan', 'PLAN', 'plan'],
    ['upper_case', 'Straße', 'STRASSE', 'STRASSE'],
    ['camel_case', 'first name', 'first-name', 'firstName'],
    ['snake_case', '_id', 'id', 'id'],
  ] as const)('are an error that names both (%s)', (normalization, one, other, trait) => {
    const key = { from: 'key', to: 'userId' as const };
    expect(faultOf({ key, normalization }, [column('key'), column(one), column(other)])).toEqual({
      code: 'trait_collision',
      where: `trait "${trait}": column "${one}" and column "${other}"`,
    });
  });

  it('are none when one of them is mapped elsewhere', () => {
    const of = [column('user_id'), column('first name'), column('first-name')];
    const mapping = [{ from: 'first-name', to: 'other' }];
    expect(traitsOf({ normalization: 'snake_case', mapping }, of)).toEqual({
      first_name: 'first name',
      other: 'first-name',
    });
  });

  it('are an error too when a mapping gives one of them the name', () => {
    expect(faultOf({ mapping: [{ from: 'plan', to: 'email' }] })).toEqual({
      code: 'trait_collision',
      where: 'trait "email": column "plan" and column "email"',
    });
    expect(faultOf({ mapping: [{ constant: 1, to: 'email' }] })).toEqual({
      code: 'trait_collision',
      where: 'trait "email": a constant and column "email"',
    });
  });

  it('are no error for the key, which is no trait', () => {
    const of = [column('user_id'), column('userId')];
    expect(traitsOf({ normalization: 'snake_case' }, of)).toEqual({ user_id: 'userId' });
  });
});

describe('a trait inside of an object', () => {
  const paths = (changes: Partial<SyncForMapping>): unknown =>
    chooseTraits(sync({ properties: 'selected', ...changes }), columns).map(({ path }) => path);

  it('is named by a path, and stands beside its neighbours', () => {
    const mapping = ['b', 'address.zip', 'a', 'address.city'].map((to) => ({ from: 'plan', to }));
    expect(paths({ mapping })).toEqual([['a'], ['address', 'city'], ['address', 'zip'], ['b']]);
  });

  it('is none when the dot is a part of the name', () => {
    expect(paths({ mapping: [{ from: 'plan', to: 'v1\\.2' }] })).toEqual([['v1.2']]);
  });

  it('is none for a column whose name has a dot', () => {
    const of = [column('user_id'), column('created.at')];
    expect(chooseTraits(sync(), of).map(({ path }) => path)).toEqual([['created.at']]);
    expect(faultOf({ mapping: [{ from: 'created.at', to: 'x' }] }, of)).toBeNull();
  });

  it.each([
    ['address', 'address.city'],
    ['address.city', 'address'],
    ['a.b.c', 'a'],
  ])('may not be inside of a value: %s and %s', (one, other) => {
    const mapping = [
      { from: 'email', to: one },
      { from: 'plan', to: other },
    ];
    expect(faultOf({ properties: 'selected', mapping })).toEqual({
      code: 'trait_collision',
      where: `traits "${one}" and "${other}": column "email" and column "plan"`,
    });
  });

  it('may not be inside of a column that is sent by itself', () => {
    expect(faultOf({ mapping: [{ constant: 1, to: 'email.of' }] })).toEqual({
      code: 'trait_collision',
      where: 'traits "email.of" and "email": a constant and column "email"',
    });
  });

  it.each(['.a', 'a.', 'a..b', ' .a'])('has a name at each level: %j', (to) => {
    expect(faultOf({ mapping: [{ from: 'plan', to }] })).toEqual({
      code: 'trait_name_invalid',
      where: `"${to}", column "plan"`,
    });
  });
});

describe('a column that is hashed', () => {
  it('is not sent in the clear as well, unless it is mapped', () => {
    const hashed = { hash: { from: 'email' }, to: 'email_sha256' };
    expect(Object.keys(traitsOf({ mapping: [hashed] }))).toEqual(['email_sha256', 'logins_30d', 'plan']);
    const both = [hashed, { from: 'email', to: 'email' }];
    expect(Object.keys(traitsOf({ mapping: both }))).toContain('email');
  });

  it('is named with the nearest when it is missing', () => {
    expect(faultOf({ mapping: [{ hash: { from: 'e_mail' }, to: 'x' }] })).toEqual({
      code: 'column_missing',
      where: '"e_mail"; did you mean "email"?',
    });
  });
});

describe('a type that a column cannot become', () => {
  it.each([
    ['timestamp', 'integer'],
    ['date', 'boolean'],
    ['integer', 'datetime'],
    ['binary', 'number'],
  ] as const)('is refused before anything is read: %s as %s', (kind, type) => {
    const of = [column('user_id'), column('c', kind)];
    expect(faultOf({ mapping: [{ from: 'c', to: 'x', type }] }, of)).toEqual({
      code: 'type_not_convertible',
      where: `trait "x": column "c" is ${kind}, not ${type}`,
    });
  });
});

describe('what Segment would drop without a word is refused', () => {
  it.each(['_', '😀', ' '])('a column %j of which the rule leaves no name', (name) => {
    const fault = faultOf({ normalization: 'snake_case' }, [...columns, column(name)]);
    expect(fault).toEqual({ code: 'trait_name_invalid', where: `column "${name}"` });
  });

  it('a user with 300 traits or more', () => {
    const of = (traits: number) => [
      column('user_id'),
      ...Array.from({ length: traits }, (_, position) => column(`c${position}`)),
    ];
    expect(objects.user.maxValues).toBe(299);
    expect(chooseTraits(sync(), of(299))).toHaveLength(299);
    expect(faultOf({}, of(300))).toEqual({ code: 'too_many_traits', where: '300 traits' });
  });

  it('a user without any trait', () => {
    expect(faultOf({ properties: 'selected' })).toMatchObject({ code: 'nothing_mapped' });
    expect(faultOf({}, [column('user_id')])).toMatchObject({ code: 'nothing_mapped' });
  });

  it.each([NaN, Infinity, -Infinity])('the constant %j', (constant) => {
    expect(faultOf({ mapping: [{ constant, to: 'x' }] })).toMatchObject({
      code: 'definitions_invalid',
      where: expect.stringContaining('trait "x"'),
    });
  });
});

describe('whatever the columns are called', () => {
  const names = fc.uniqueArray(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), {
    minLength: 1,
    maxLength: 8,
  });

  it('each column but the key is sent once under its name, or the sync is refused', () => {
    fc.assert(
      fc.property(names, fc.constantFrom(...normalizations), (all, normalization) => {
        const [key = '', ...others] = all;
        const changes: Partial<SyncForMapping> = { key: { from: key, to: 'userId' }, normalization };
        const of = all.map((name) => column(name));
        const expected = others.map((name) => normalizeName(normalization, name));
        const fault = faultOf(changes, of);
        if (fault === null) {
          expect(chooseTraits(sync(changes), of).map(({ name }) => name)).toEqual([...expected].sort());
        } else {
          const faults: Record<string, boolean> = {
            nothing_mapped: others.length === 0,
            trait_name_invalid: expected.some((name) => name.trim() === ''),
            trait_collision: new Set(expected).size < expected.length,
          };
          expect([fault.code, faults[fault.code]]).toEqual([fault.code, true]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the order of columns and mappings changes nothing', () => {
    const mapping = [
      { from: 'plan', to: 'b' },
      { from: 'email', to: 'a' },
      { constant: 1, to: 'c' },
    ];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(columns, { minLength: columns.length }),
        fc.shuffledSubarray(mapping, { minLength: mapping.length }),
        (of, entries) => {
          expect(chooseTraits(sync({ mapping: entries }), of)).toEqual(
            chooseTraits(sync({ mapping }), columns),
          );
        },
      ),
    );
  });
});
