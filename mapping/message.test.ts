import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineCutter } from '../snapshot/spool.ts';
import { column } from '../test/support/columns.ts';
import { failureOf } from '../test/support/failure-of.ts';
import type { Column } from '../vocabulary/columns.ts';
import { escapeSpool, MAX_LINE_BYTES } from '../vocabulary/spool.ts';
import type { SyncForMapping } from './choose-traits.ts';
import { compileMapping } from './compile.ts';
import { fixedBytes, MAX_MESSAGE_BYTES, messageWriter, type WrittenMessage } from './message.ts';
import { compileRemoval } from './removal.ts';

const options = {
  timestamp: '2026-05-01T00:00:00.000Z',
  product: { name: 'backhaul', version: '1.2.3' },
  run: { id: 'run-1', sync: 'users', startedAt: '2026-05-01T00:00:01.000Z' },
};
const messageId = 'f'.repeat(64);
const columns = [
  column('user_id', 'integer'),
  column('email'),
  column('logins', 'integer'),
  column('details', 'json'),
];
const row = { user_id: '42', email: 'a@b.c', logins: '7', details: '{"a": 1}' };

const sync = (changes: Partial<SyncForMapping> = {}): SyncForMapping => ({
  key: { from: 'user_id', to: 'userId' },
  properties: 'all',
  normalization: 'match_source_names',
  mapping: [],
  nulls: 'send',
  ...changes,
});

function write(
  values: Readonly<Record<string, string | null>>,
  changes: Partial<SyncForMapping> = {},
  of: readonly Column[] = columns,
): WrittenMessage {
  const compiled = compileMapping(sync(changes), of);
  const spooled = compiled.columns.map(({ name }) => {
    const value = values[name] ?? null;
    return value === null ? null : escapeSpool(value);
  });
  return messageWriter(compiled, options)(spooled, { messageId });
}

function message(written: WrittenMessage): Record<string, unknown> {
  if ('invalid' in written) throw new Error(`invalid: ${written.invalid}`);
  return JSON.parse(written.json) as Record<string, unknown>;
}
const traits = (values: Readonly<Record<string, string | null>>, changes: Partial<SyncForMapping> = {}) =>
  message(write(values, changes))['traits'];

describe('a row becomes a message', () => {
  it('that is an identify call of the product', () => {
    expect(message(write(row))).toEqual({
      type: 'identify',
      messageId,
      userId: '42',
      traits: { email: 'a@b.c', logins: 7, details: { a: 1 } },
      timestamp: '2026-05-01T00:00:00.000Z',
      integrations: {},
      context: {
        active: false,
        app: { name: 'backhaul', version: '1.2.3' },
        library: { name: 'backhaul', version: '1.2.3' },
      },
    });
  });

  it('of an anonymous user when the key says so', () => {
    const { userId, anonymousId } = message(write(row, { key: { from: 'user_id', to: 'anonymousId' } }));
    expect([userId, anonymousId]).toEqual([undefined, '42']);
  });

  it('with constants beside columns, and the key as a trait where it is mapped', () => {
    const mapping = [
      { from: 'user_id', to: 'id' },
      { constant: 'back\nhaul "x"', to: 'source' },
      { constant: null, to: 'gone' },
      { constant: 1.5, to: 'one' },
      { constant: true, to: 'yes' },
    ];
    expect(traits(row, { properties: 'selected', mapping })).toEqual({
      id: 42,
      source: 'back\nhaul "x"',
      gone: null,
      one: 1.5,
      yes: true,
    });
  });

  it('with traits named as they are, whatever is in the name', () => {
    const mapping = ['__proto__', 'a"b\\', 'line\nbreak', '😀', '\ud800'].map((to) => ({
      from: 'email',
      to,
    }));
    const written = write(row, { properties: 'selected', mapping });
    expect(Object.keys(message(written)['traits'] as object).sort()).toEqual(
      mapping.map(({ to }) => to).sort(),
    );
    expect('json' in written && written.json).not.toContain('\n');
  });
});

describe('a null', () => {
  const nulls = { ...row, email: null, details: null };

  it('is sent, which clears the trait at Segment', () => {
    expect(traits(nulls)).toEqual({ email: null, logins: 7, details: null });
  });

  it('is left out where the sync says omit', () => {
    expect(traits(nulls, { nulls: 'omit' })).toEqual({ logins: 7 });
    expect(traits({ ...nulls, logins: null }, { nulls: 'omit' })).toEqual({});
  });

  it('goes by the mapping, where that says something else', () => {
    const mapping = [{ from: 'email', to: 'email', nulls: 'omit' as const }];
    expect(traits(nulls, { mapping })).toEqual({ logins: 7, details: null });
    const sending = [{ from: 'email', to: 'email', nulls: 'send' as const }];
    expect(traits(nulls, { nulls: 'omit', mapping: sending })).toEqual({ email: null, logins: 7 });
  });

  it('of JSON is one too, since it clears the trait all the same; one inside of JSON, or a text, is not', () => {
    const json = { ...row, email: 'null', details: ' null ' };
    expect(traits({ ...json, details: 'null' }, { nulls: 'omit' })).toEqual({ email: 'null', logins: 7 });
    expect(traits({ ...json, details: '[null]' }, { nulls: 'omit' })).toEqual({
      email: 'null',
      logins: 7,
      details: [null],
    });
    expect(traits(json, { nulls: 'omit' })).toEqual({ email: 'null', logins: 7 });
  });

  it('that is left out is not an empty string', () => {
    expect(traits({ ...row, email: '' }, { nulls: 'omit' })).toHaveProperty('email', '');
  });
});

describe('a trait inside of an object', () => {
  const inside = (from: string, to: string, nulls?: 'omit') => ({
    from,
    to,
    ...(nulls === undefined ? {} : { nulls }),
  });

  it('is written there, beside its neighbours', () => {
    const mapping = [
      inside('email', 'contact.email'),
      { constant: 1, to: 'contact.ways.count' },
      inside('logins', 'logins'),
      inside('details', 'contact.details'),
      inside('email', 'v1\\.2'),
    ];
    expect(traits(row, { properties: 'selected', mapping })).toEqual({
      contact: { email: 'a@b.c', ways: { count: 1 }, details: { a: 1 } },
      logins: 7,
      'v1.2': 'a@b.c',
    });
  });

  it('goes by its own nulls; an object of which nothing is sent is left out', () => {
    const nulls = { ...row, email: null, logins: null };
    const mapping = [inside('email', 'a.email', 'omit'), inside('logins', 'a.logins')];
    expect(traits(nulls, { properties: 'selected', mapping })).toEqual({ a: { logins: null } });
    const none = [inside('email', 'a.email', 'omit'), inside('logins', 'a.b.logins', 'omit')];
    expect(traits(nulls, { properties: 'selected', mapping: none })).toEqual({});
  });
});

describe('a value that is made of a column', () => {
  const made = (entry: SyncForMapping['mapping'][number], values: Readonly<Record<string, string | null>>) =>
    write(values, { properties: 'selected', mapping: [entry] });
  const trait = (...parts: Parameters<typeof made>) =>
    (message(made(...parts))['traits'] as { x?: unknown }).x;

  it('is of the type that the mapping names', () => {
    expect(trait({ from: 'logins', to: 'x', type: 'string' }, row)).toBe('7');
    expect(trait({ from: 'email', to: 'x', type: 'integer' }, { ...row, email: '12' })).toBe(12);
    expect(trait({ from: 'details', to: 'x', type: 'string' }, row)).toBe('{"a": 1}');
    expect(trait({ from: 'email', to: 'x', type: 'integer' }, { ...row, email: null })).toBeNull();
  });

  it('is the SHA-256 of the text', () => {
    const hash = (from: string) => ({ hash: { from }, to: 'x' });
    expect(trait(hash('email'), { ...row, email: 'abc' })).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(trait(hash('email'), { ...row, email: null })).toBeNull();
    expect(trait(hash('details'), { ...row, details: ' null' })).toBeNull();
    expect(trait(hash('logins'), row)).toBe(
      '7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451',
    );
  });

  it('makes its row invalid when it cannot be sent, or is left out, as the mapping says', () => {
    const bad = { ...row, email: 'twelve', details: '{' };
    const typed = { from: 'email', to: 'x', type: 'integer' } as const;
    expect(made(typed, bad)).toEqual({ invalid: 'not_convertible', column: 'email' });
    expect(made({ ...typed, onError: 'invalid' }, bad)).toEqual({
      invalid: 'not_convertible',
      column: 'email',
    });
    expect(message(made({ ...typed, onError: 'omit' }, bad))['traits']).toEqual({});
    expect(message(made({ from: 'details', to: 'a.x', onError: 'omit' }, bad))['traits']).toEqual({});
  });

  it('of the run says which one it is', () => {
    const mapping = (['id', 'sync', 'startedAt'] as const).map((run) => ({ run, to: run }));
    expect(traits(row, { properties: 'selected', mapping })).toEqual(options.run);
  });
});

describe('a row is invalid, with a reason and the column to blame', () => {
  it('when its key is null or empty', () => {
    const of = [column('user_id'), column('email')];
    expect(write({ user_id: null }, {}, of)).toEqual({ invalid: 'null_key', column: 'user_id' });
    expect(write({ user_id: '' }, {}, of)).toEqual({ invalid: 'empty_key', column: 'user_id' });
  });

  it('when its key is no number, or a day outside of time', () => {
    const of = (kind: 'decimal' | 'date') => [column('user_id', kind), column('email')];
    expect(write({ user_id: 'NaN' }, {}, of('decimal'))).toEqual({
      invalid: 'not_finite',
      column: 'user_id',
    });
    expect(write({ user_id: 'infinity' }, {}, of('date'))).toEqual({
      invalid: 'timestamp_out_of_range',
      column: 'user_id',
    });
  });

  it('when one of its values is', () => {
    expect(write({ ...row, details: '{' })).toEqual({ invalid: 'json_invalid', column: 'details' });
    expect(write({ ...row, email: 'x'.repeat(32_769) })).toEqual({ invalid: 'too_large', column: 'email' });
  });

  it('when the message is larger than Segment takes, less what the client adds', () => {
    const frame = write({ ...row, email: '' });
    if ('invalid' in frame) throw new Error(frame.invalid);
    for (const character of ['x', 'é', '山', '😀', '"', '\n']) {
      const bytes = Buffer.byteLength(JSON.stringify(character)) - 2;
      const fitting = Math.floor((MAX_MESSAGE_BYTES - frame.bytes) / bytes);
      const email = character.repeat(fitting) + 'x'.repeat(MAX_MESSAGE_BYTES - frame.bytes - fitting * bytes);
      expect(write({ ...row, email })).toMatchObject({ bytes: MAX_MESSAGE_BYTES });
      expect(write({ ...row, email: `${email}x` })).toEqual({ invalid: 'too_large', column: null });
    }
  });
});

describe('a row that is longer than the spool takes, and so was cut', () => {
  const of = [column('user_id'), column('a'), column('details', 'json'), column('z')];
  const compiled = compileMapping(sync(), of);
  /** Large in the spool and small in a message. */
  const blank = `[${'\n'.repeat(32_000)}]`;

  it('is invalid, wherever the cut falls: no shortened value is sent, and the run goes on', () => {
    const text = fc
      .tuple(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom('x', 'é', '山', '😀', '\\', '\t'))
      .map(([times, character]) => character.repeat(times));
    fc.assert(
      fc.property(text, fc.constantFrom('[]', blank), text, (a, details, z) => {
        const line = ['42', a, details, z].map(escapeSpool).join('\t');
        fc.pre(Buffer.byteLength(line) > MAX_LINE_BYTES);
        const cutter = lineCutter();
        const [cut = Buffer.alloc(0)] = [...cutter.push(Buffer.from(`${line}\n`)), cutter.rest()];
        const values = cut.toString('utf8').slice(0, -1).split('\t');
        expect(messageWriter(compiled, options)(values, { messageId })).toEqual({
          invalid: 'too_large',
          column: null,
        });
      }),
    );
  });

  it('is not thought to be cut when it is only wide', () => {
    const z = 'x'.repeat(20_000);
    expect(write({ user_id: '42', a: 'a', details: `[${'\n'.repeat(20_000)}]`, z }, {}, of)).toHaveProperty(
      'json',
    );
  });
});

describe('a row that is no row of the mapping stops the run', () => {
  it.each([
    ['short', ['1', '2']],
    ['long', ['1', '2', '3', '4', '5']],
  ])('when it is too %s', (_, values) => {
    const compiled = compileMapping(sync(), columns);
    expect(failureOf(() => messageWriter(compiled, options)(values, { messageId }))).toEqual({
      code: 'row_unreadable',
      where: `a row of ${values.length} values, not 4`,
    });
  });
});

describe('the bytes that a message has besides its values', () => {
  it('are at least those of a row of nulls', () => {
    const wide = [
      column('user_id', 'integer'),
      ...Array.from({ length: 200 }, (_, n) => column(`${'long_'.repeat(10)}${n}`)),
    ];
    const compiled = compileMapping(sync({ mapping: [{ constant: 'ünïcode', to: 'source' }] }), wide);
    const written = messageWriter(compiled, options)(['1', ...wide.slice(1).map(() => null)], { messageId });
    expect(fixedBytes(compiled)).toBeGreaterThanOrEqual('bytes' in written ? written.bytes : Infinity);
  });
});

describe('a row becomes a message of another object', () => {
  const rest = { messageId, timestamp: options.timestamp, integrations: {} };
  const app = { name: 'backhaul', version: '1.2.3' };
  const context = { active: false, app, library: app };
  const of = [column('id'), column('user', 'integer'), column('device'), column('name'), column('plan')];
  const values = { id: 'x1', user: '42', device: 'd-1', name: 'Order Completed', plan: 'pro' };
  const identifiers = { userId: { from: 'user' }, anonymousId: { from: 'device' } };
  const group = {
    object: 'group',
    key: { from: 'id', to: 'groupId' },
    identifiers,
    exclude: ['name'],
  } as const;
  const event = {
    object: 'event',
    key: { from: 'id', to: 'messageId' },
    identifiers,
    event: { from: 'name' },
  } as const;

  it('a group with its user', () => {
    expect(message(write(values, group, of))).toEqual({
      ...rest,
      ...{ type: 'group', groupId: 'x1', userId: '42', anonymousId: 'd-1' },
      traits: { plan: 'pro' },
      context,
    });
  });

  it('an event, of which the key is not sent and nothing is said of who is active', () => {
    expect(message(write(values, event, of))).toEqual({
      ...rest,
      ...{ type: 'track', userId: '42', anonymousId: 'd-1', event: 'Order Completed' },
      properties: { plan: 'pro' },
      context: { app, library: app },
    });
    const constant = { ...event, event: { constant: 'Seen "it"' }, exclude: ['name'] };
    expect(message(write(values, constant, of))).toMatchObject({ event: 'Seen "it"' });
  });

  it('a user of both ids, of which the other one may be missing', () => {
    const user = {
      key: { from: 'user', to: 'userId' },
      identifiers: { anonymousId: { from: 'device' } },
    } as const;
    const both = message(write(values, user, of));
    expect([both['userId'], both['anonymousId']]).toEqual(['42', 'd-1']);
    expect(both['traits']).toEqual({ id: 'x1', name: 'Order Completed', plan: 'pro' });
    expect(message(write({ ...values, device: null }, user, of))).not.toHaveProperty('anonymousId');
  });

  it.each<[string, object, Partial<Record<keyof typeof values, string | null>>, object]>([
    ['a group without a user', group, { user: null, device: null }, { invalid: 'no_user', column: 'user' }],
    ['an event without a user', event, { user: null, device: null }, { invalid: 'no_user', column: 'user' }],
    ['an empty id', event, { device: '' }, { invalid: 'empty_id', column: 'device' }],
    ['a long groupId', group, { id: 'x'.repeat(501) }, { invalid: 'group_id_too_long', column: 'id' }],
    ['an event without a name', event, { name: null }, { invalid: 'event_name_empty', column: 'name' }],
    ['an event of a blank name', event, { name: ' \t' }, { invalid: 'event_name_empty', column: 'name' }],
    ['an event without a key', event, { id: null }, { invalid: 'null_key', column: 'id' }],
  ])('or is invalid: %s', (_, changes, other, expected) => {
    expect(write({ ...values, ...other }, changes, of)).toEqual(expected);
  });

  it('a group of 500 characters, and a group or an event of which nothing more is said', () => {
    const long = { ...values, id: 'x'.repeat(500) };
    const nothing = { properties: 'selected', exclude: undefined } as const;
    expect(message(write(long, { ...group, ...nothing }, of))).toMatchObject({ traits: {} });
    expect(message(write(values, { ...event, ...nothing }, of))).toMatchObject({ properties: {} });
  });
});

describe('a row that left the model', () => {
  const removalOf = (changes: Partial<SyncForMapping>) => {
    const of = sync({ behavior: 'mirror', ...changes });
    const removal = compileRemoval(of, compileMapping(of, columns));
    if (removal === null) return null;
    return {
      digest: removal.digest,
      sent: message(messageWriter(removal.mapping, options)(['42'], { messageId })),
    };
  };
  const set = (value: boolean) => ({ removed: { set: [{ constant: value, to: 'churned' }] } });

  it('says nothing unless it is told to', () => {
    expect(removalOf({})).toBeNull();
    expect(removalOf({ removed: 'nothing' })).toBeNull();
    expect(removalOf({ ...set(true), behavior: 'update_or_create' })).toBeNull();
  });

  it('nulls every trait of the mapping, also where nulls are left out', () => {
    expect(removalOf({ removed: 'null_traits', nulls: 'omit' })?.sent).toMatchObject({
      type: 'identify',
      userId: '42',
      traits: { email: null, logins: null, details: null },
    });
  });

  it('sets what it is told to, and says of its context what is the same for every row', () => {
    const context = [
      { from: 'email', to: 'email' },
      { constant: 'x', to: 'page.title' },
    ];
    const timestamp = { from: 'email' };
    const removal = removalOf({ ...set(true), context, timestamp });
    expect(removal?.sent).toMatchObject({ traits: { churned: true }, timestamp: options.timestamp });
    expect(removal?.sent['context']).toMatchObject({ page: { title: 'x' } });
    expect(removal?.sent['context']).not.toHaveProperty('email');
  });

  it('has a fingerprint of what it says', () => {
    const digests = [set(true), set(false), { removed: 'null_traits' } as const].map(
      (changes) => removalOf(changes)?.digest,
    );
    expect(new Set(digests).size).toBe(3);
    expect(removalOf(set(true))?.digest).toBe(digests[0]);
  });
});
