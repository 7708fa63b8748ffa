import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { column } from '../test/support/columns.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { SyncForMapping } from './choose-traits.ts';
import { compileMapping } from './compile.ts';

const columns = [column('user_id'), column('email'), column('plan'), column('logins', 'integer')];
const mapping: SyncForMapping['mapping'] = [
  { from: 'plan', to: 'Plan' },
  { constant: 'backhaul', to: 'source' },
  { constant: null, to: 'old' },
];
const sync: SyncForMapping = {
  key: { from: 'user_id', to: 'userId' },
  properties: 'all',
  normalization: 'match_source_names',
  mapping,
  nulls: 'send',
};

const digest = (changes: Partial<SyncForMapping> = {}, of: readonly Column[] = columns): string =>
  compileMapping({ ...sync, ...changes }, of).digest;
const replaced = (position: number, entry: SyncForMapping['mapping'][number]) => ({
  mapping: mapping.map((old, at) => (at === position ? entry : old)),
});

type Case = [what: string, changes: Partial<SyncForMapping>, of?: readonly Column[]];
const complete = ([what, changes, of = columns]: Case): Required<Case> => [what, changes, of];

describe('the digest of a mapping', () => {
  it('is the same in every version that sends the same, so an upgrade sends nothing again', () => {
    expect(digest()).toBe('1e2c7614af671c8539bfed47d5838a6a3133e363188a7474d23844351c7ac2e0');
  });

  it('is that of the first version where a dot is a part of a name', () => {
    const of = [column('user_id'), column('created.at')];
    const changes = { normalization: 'match_source_names', mapping: [] } as const;
    expect(digest(changes, of)).toBe('c3ecfc0e9f6847e73e6a4c97d94296f51558815f40f2afb68669724068aab1d1');
    expect(digest({ ...changes, mapping: [{ from: 'created.at', to: 'created\\.at' }] }, of)).toBe(
      digest(changes, of),
    );
  });

  it('does not depend on the order of columns and mappings', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(columns, { minLength: columns.length }),
        fc.shuffledSubarray([...mapping], { minLength: mapping.length }),
        (of, entries) => expect(digest({ mapping: entries }, of)).toBe(digest()),
      ),
    );
  });

  const same: Case[] = [
    ['a rule that gives the same names', { normalization: 'snake_case' }],
    [
      'columns named one by one instead of all of them',
      {
        properties: 'selected',
        mapping: [...mapping, { from: 'email', to: 'email' }, { from: 'logins', to: 'logins' }],
      },
    ],
    [
      'what a constant that is no null does with nulls',
      replaced(1, { constant: 'backhaul', to: 'source', nulls: 'omit' }),
    ],
    [
      'a constant null that is omitted',
      { mapping: [...mapping, { constant: null, to: 'x', nulls: 'omit' }] },
    ],
    ['what a trait inherits, said explicitly', replaced(0, { from: 'plan', to: 'Plan', nulls: 'send' })],
    [
      'the default of onError, said explicitly',
      replaced(0, { from: 'plan', to: 'Plan', onError: 'invalid' }),
    ],
    [
      "a type's name in the warehouse",
      {},
      columns.map((one) => (one.name === 'logins' ? { ...one, sourceType: 'int8' } : one)),
    ],
  ];

  it.each(same.map(complete))('is the same for %s', (_, changes, of) => {
    expect(digest(changes, of)).toBe(digest());
  });

  it('is the same when a column comes that is not sent', () => {
    expect(digest({ properties: 'selected' }, [...columns, column('more')])).toBe(
      digest({ properties: 'selected' }),
    );
  });

  const others: Case[] = [
    ['where the key goes', { key: { from: 'user_id', to: 'anonymousId' } }],
    ['names by another rule', { normalization: 'upper_case' }],
    ['a trait less', { mapping: mapping.slice(1), properties: 'selected' }],
    ['a new column', {}, [...columns, column('more')]],
    [
      "a column's kind",
      {},
      columns.map((one) => (one.name === 'logins' ? column('logins', 'decimal') : one)),
    ],
    ['the name of a trait', replaced(0, { from: 'plan', to: 'plan' })],
    ['the column of a trait', replaced(0, { from: 'email', to: 'Plan' })],
    ['the key as a trait', { mapping: [...mapping, { from: 'user_id', to: 'id' }] }],
    ['the nulls of the sync', { nulls: 'omit' }],
    ['the nulls of a mapping', replaced(0, { from: 'plan', to: 'Plan', nulls: 'omit' })],
    ['a constant', replaced(1, { constant: 'Backhaul', to: 'source' })],
    ['a constant null instead of the text', replaced(1, { constant: null, to: 'source' })],
    ['a constant in place of a column', replaced(0, { constant: 'plan', to: 'Plan' })],
    ['the text "1" as a constant', replaced(1, { constant: '1', to: 'source' })],
    ['the number 1 as a constant', replaced(1, { constant: 1, to: 'source' })],
    ['true as a constant', replaced(1, { constant: true, to: 'source' })],
    ['a type', replaced(0, { from: 'plan', to: 'Plan', type: 'string' })],
    ['another type', replaced(0, { from: 'plan', to: 'Plan', type: 'boolean' })],
    ['what an unsendable value does', replaced(0, { from: 'plan', to: 'Plan', onError: 'omit' })],
    ['a place inside of an object', replaced(0, { from: 'plan', to: 'The.Plan' })],
    ['a name with a dot', replaced(0, { from: 'plan', to: 'The\\.Plan' })],
    ['a hash', replaced(0, { hash: { from: 'plan' }, to: 'Plan' })],
    ['a hash of which no null is sent', replaced(0, { hash: { from: 'plan' }, to: 'Plan', nulls: 'omit' })],
    ['a template', replaced(0, { template: '{{ plan }}', to: 'Plan' })],
    ['another template', replaced(0, { template: '{{ plan  }}', to: 'Plan' })],
    ['the type of a template', replaced(0, { template: '{{ plan }}', to: 'Plan', type: 'boolean' })],
    ['the timestamp', { timestamp: { from: 'email' } }],
    ['the timestamp of another column', { timestamp: { from: 'plan' } }],
    ['the context', { context: [{ from: 'plan', to: 'plan' }] }],
    ['a constant of the context', { context: [{ constant: 'x', to: 'plan' }] }],
    ['the integrations', { integrations: { All: false } }],
    ['other integrations', { integrations: { All: true } }],
    ['a column that is excluded', { exclude: ['email'] }],
    ["the run's id", replaced(1, { run: 'id', to: 'source' })],
    ["the sync's name", replaced(1, { run: 'sync', to: 'source' })],
    ['the text "true" as a constant', replaced(1, { constant: 'true', to: 'source' })],
  ];

  it.each(others.map(complete))('changes with %s', (_, changes, of) => {
    expect(digest(changes, of)).not.toBe(digest());
  });

  it('is another for each of these changes', () => {
    const all = others.map(([, changes, of]) => digest(changes, of));
    expect(new Set(all).size).toBe(others.length);
  });

  const ids = { identifiers: { anonymousId: { from: 'email' } } };
  const group = { object: 'group', key: { from: 'plan', to: 'groupId' }, properties: 'selected' } as const;
  const event = { object: 'event', key: { from: 'user_id', to: 'messageId' }, ...ids } as const;
  const objects: Case[] = [
    ['a user', { properties: 'selected' }],
    ['a second id', { ...ids, properties: 'selected' }],
    ['another second id', { identifiers: { anonymousId: { from: 'plan' } }, properties: 'selected' }],
    ['the same column as another id', { ...group, identifiers: { userId: { from: 'email' } } }],
    ['a group', { ...group, ...ids }],
    ['an event', { ...event, event: { constant: 'Seen' }, properties: 'selected' }],
    ['an event of another name', { ...event, event: { constant: 'Left' }, properties: 'selected' }],
    ['an event whose name is in a column', { ...event, event: { from: 'plan' }, properties: 'selected' }],
  ];

  it('is another for each object, id and name of an event', () => {
    const all = objects.map(([, changes, of]) => digest(changes, of));
    expect(new Set(all).size).toBe(objects.length);
  });

  it('is the same whether a sync mirrors or not, so that nobody is sent again for it', () => {
    const mirror = { behavior: 'mirror', removed: 'null_traits' } as const;
    expect(digest(mirror)).toBe(digest());
  });

  it('of a user of both ids, a group and an event is the same in every version', () => {
    const pinned = [ids, { ...group, ...ids }, { ...event, event: { constant: 'Seen' } }] as const;
    expect(pinned.map((changes) => digest(changes))).toEqual([
      '580bbbebd115ff5b38562c2d784d54c970321b9a73df31963811a57361a8faa9',
      '697707bcae41fee7ca0bac06ffcdbb801f20654b0347f31c496030ed1507ff92',
      '3ffb9ada7b27dcbfcb909828356f92f89f9706d183ab0fd91cfaa50356d96e8d',
    ]);
  });
});
