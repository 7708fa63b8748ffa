import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { errorPolicies, runFields, valueTypes } from '../definitions/mapping-entry.ts';
import { objectNames, objects, type KeyTarget, type ObjectName } from '../definitions/objects.ts';
import { normalizations } from '../definitions/sync.ts';
import { MAX_EVENT_BYTES } from '../dev/receiver/limits.ts';
import { violation } from '../dev/receiver/rules.ts';
import { spooledValue } from '../test/support/canonical-values.ts';
import { column } from '../test/support/columns.ts';
import { sameNumber } from '../test/support/exact-number.ts';
import { failureOf } from '../test/support/failure-of.ts';
import { columnKinds } from '../vocabulary/columns.ts';
import { invalidReasons } from '../vocabulary/invalid.ts';
import { spooledKey } from '../vocabulary/row-key.ts';
import { escapeSpool, unescapeSpool } from '../vocabulary/spool.ts';
import type { SyncForMapping } from './choose-traits.ts';
import { compileMapping } from './compile.ts';
import { keyKinds } from './key.ts';
import { messageWriter, type WrittenMessage } from './message.ts';
import { compileRemoval } from './removal.ts';

const options = {
  timestamp: '2026-05-01T00:00:00.000Z',
  product: { name: 'backhaul', version: '1.2.3' },
  run: { id: 'run-1', sync: 'users', startedAt: '2026-05-01T00:00:01.000Z' },
};
const messageId = 'f'.repeat(64);

type Fields = Readonly<Record<string, unknown>>;
type Sent = Fields & { context: Fields; timestamp: string };

/** The first columns are ids: the key, the userId, the anonymousId. */
const IDS = 3;

/** Liquid has no escapes: a quote of one kind stands in the other. */
const columnInTemplate = (name: string): string =>
  /["\\]/.test(name) ? (/['\\]/.test(name) ? 'x' : `{{ ['${name}'] }}`) : `{{ ["${name}"] | append: "." }}`;

describe('whatever a source can yield, and whatever a valid mapping makes of it', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const constant = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const nulls = fc.constantFrom('send' as const, 'omit' as const);
  /** Seldom: few kinds of columns can be each of them. */
  const type = fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.constantFrom(...valueTypes));

  /** Columns, a mapping over them, and a row. A key is of a kind that may be one. */
  const world = fc
    .record({
      names: fc.uniqueArray(name, { minLength: IDS, maxLength: 8 }),
      kinds: fc.array(fc.constantFrom(...columnKinds), { minLength: 8, maxLength: 8 }),
      idKinds: fc.array(fc.constantFrom(...keyKinds), { minLength: IDS, maxLength: IDS }),
      object: fc.constantFrom(...objectNames),
    })
    .chain(({ names, kinds, idKinds, object }) => {
      const of = names.map((one, position) => column(one, idKinds[position] ?? kinds[position] ?? 'text'));
      const [keyName = '', userName = '', anonymousName = ''] = names;
      const user = fc.constant({ from: userName });
      const anonymous = fc.constant({ from: anonymousName });
      const from = fc.constantFrom(...names);
      const to = fc.oneof(
        name.map((text) => `t${text}`),
        fc
          .array(fc.constantFrom('a', 'b', '😀'), { minLength: 1, maxLength: 3 })
          .map((path) => path.join('.')),
      );
      const entryOptions = {
        to,
        nulls: fc.option(nulls, { nil: undefined }),
        onError: fc.constantFrom(undefined, ...errorPolicies),
      };
      const entry: fc.Arbitrary<SyncForMapping['mapping'][number]> = fc.oneof(
        fc.record({ from, type, ...entryOptions }),
        fc.record({ hash: fc.record({ from }), ...entryOptions }),
        fc.record({
          template: fc
            .array(fc.oneof(from.map(columnInTemplate), fc.constantFrom('plain ', 'ü"\n')), {
              minLength: 1,
              maxLength: 3,
            })
            .map((parts) => parts.join('')),
          type,
          ...entryOptions,
        }),
        fc.record({ constant, to, nulls: entryOptions.nulls }),
        fc.record({ run: fc.constantFrom(...runFields), to }),
      );
      return fc.record({
        of: fc.constant(of),
        changes: fc.record({
          key: fc.record({
            from: fc.constant(keyName),
            to: fc.constantFrom<KeyTarget>(...objects[object].keys),
          }),
          object: fc.constant<ObjectName>(object),
          identifiers: fc.oneof(
            fc.record({ userId: user }),
            fc.record({ anonymousId: anonymous }),
            fc.record({ userId: user, anonymousId: anonymous }),
          ),
          event: fc.oneof(
            fc.record({ from }),
            fc.record({ constant: fc.string({ minLength: 1 }).map((text) => `x${text}`) }),
          ),
          behavior: fc.constantFrom(...objects[object].behaviors),
          removed: fc.oneof(
            fc.constant('null_traits' as const),
            fc.record({ set: fc.array(fc.record({ constant, to }), { minLength: 1, maxLength: 3 }) }),
          ),
          properties: fc.constantFrom('all' as const, 'selected' as const),
          normalization: fc.constantFrom(...normalizations),
          mapping: fc.array(entry, { maxLength: 4 }),
          nulls,
          exclude: fc.option(fc.array(from, { maxLength: 2 }), { nil: undefined }),
          timestamp: fc.option(fc.record({ from }), { nil: undefined, freq: 2 }),
          context: fc.option(fc.array(entry, { maxLength: 2 }), { nil: undefined }),
          integrations: fc.option(fc.dictionary(fc.string(), fc.boolean(), { maxKeys: 2 }), {
            nil: undefined,
          }),
        }),
        values: fc
          .tuple(
            ...of.map(({ kind }, position) =>
              fc.option(spooledValue(kind), { nil: null, freq: position < IDS ? 20 : 4 }),
            ),
          )
          .map((spooled) => new Map(of.map((one, position) => [one.name, spooled[position] ?? null]))),
      });
    });

  /** Checks what holds of every message, and returns it. */
  function taken(written: Exclude<WrittenMessage, { invalid: string }>): Sent {
    expect(written.bytes).toBe(Buffer.from(written.json).length);
    expect(written.bytes).toBeLessThan(MAX_EVENT_BYTES);
    expect(written.json).not.toMatch(/[\u0000-\u001f]/);
    expect(Buffer.from(written.json).toString('utf8')).toBe(written.json);
    const sent = JSON.parse(written.json) as Sent;
    expect(new Date(sent.timestamp).getTime()).toBeGreaterThanOrEqual(0);
    expect(violation(sent)).toBeNull();
    expect(sent.messageId).toBe(messageId);
    expect(sent.context).toMatchObject({ app: options.product, library: options.product });
    return sent;
  }

  it('Segment takes the message and its ids, no number loses a digit; or the row is invalid with a reason', () => {
    const messages: Record<string, number> = {};
    fc.assert(
      fc.property(world, ({ of, changes, values }) => {
        // A definition does not name the key twice.
        if (Object.hasOwn(changes.identifiers, changes.key.to)) return;
        if (failureOf(() => compileMapping(changes, of)) !== null) return;
        const compiled = compileMapping(changes, of);
        const spooled = compiled.columns.map((one) => values.get(one.name) ?? null);
        const written = messageWriter(compiled, options)(spooled, { messageId });
        if ('invalid' in written) {
          expect(Object.keys(invalidReasons)).toContain(written.invalid);
          if (written.column !== null) expect(of.map((one) => one.name)).toContain(written.column);
          return;
        }
        messages[changes.object] = (messages[changes.object] ?? 0) + 1;
        const sent = taken(written);
        const { call, values: mapped } = objects[changes.object];
        expect(sent.type).toBe(call);
        const ids: Partial<Record<string, { from: string }>> = {
          ...changes.identifiers,
          [changes.key.to]: changes.key,
        };
        for (const id of ['userId', 'anonymousId', 'groupId'] as const) {
          const text = values.get(ids[id]?.from ?? '') ?? null;
          expect(sent[id]).toBe(ids[id] === undefined || text === null ? undefined : unescapeSpool(text));
        }
        const { constant: eventName, from: eventFrom } = { constant: undefined, from: '', ...changes.event };
        if (changes.object === 'event' && eventName !== undefined) expect(sent['event']).toBe(eventName);
        if (changes.object === 'event' && eventName === undefined) {
          const text = values.get(eventFrom) ?? null;
          expect(text !== null && typeof sent['event'] === 'string' && sent['event'] !== '').toBe(true);
        }
        const said = sent[mapped] as Fields;
        const names = new Set(compiled.sources.map(({ path }) => path[0]));
        for (const sentName of Object.keys(said)) expect(names).toContain(sentName);
        for (const { path, source, nulls, onError } of compiled.sources) {
          const value = path.reduce<unknown>((inner, step) => (inner as Fields | undefined)?.[step], said);
          if (nulls === 'send' && onError === 'invalid') expect(value).not.toBeUndefined();
          if (source.kind !== 'column' || source.type === 'boolean') continue;
          const text = values.get(source.column.name) ?? null;
          if (text === null || value === undefined) continue;
          if (['integer', 'decimal'].includes(source.column.kind)) {
            expect(sameNumber(typeof value === 'string' ? value : JSON.stringify(value), text)).toBe(true);
          }
        }
      }),
      { numRuns: 6000 },
    );
    for (const object of objectNames) expect(messages[object]).toBeGreaterThan(40);
  });

  it('Segment takes the removal of a user whose row it took', () => {
    let removals = 0;
    fc.assert(
      fc.property(world, ({ of, changes: any, values }) => {
        const changes = { ...any, object: 'user', behavior: 'mirror', identifiers: undefined } as const;
        const key = { ...any.key, to: 'userId' } as const;
        if (failureOf(() => compileMapping({ ...changes, key }, of)) !== null) return;
        const compiled = compileMapping({ ...changes, key }, of);
        if (failureOf(() => compileRemoval({ ...changes, key }, compiled)) !== null) return;
        const removal = compileRemoval({ ...changes, key }, compiled);
        const spooled = compiled.columns.map((one) => values.get(one.name) ?? null);
        if (removal === null || 'invalid' in messageWriter(compiled, options)(spooled, { messageId })) return;
        const written = messageWriter(removal.mapping, options)(spooled.slice(0, 1), { messageId });
        if ('invalid' in written) throw new Error(written.invalid);
        removals += 1;
        const sent = taken(written);
        expect(sent['userId']).toBe(unescapeSpool(spooled[0] ?? ''));
        if (changes.removed !== 'null_traits') return;
        for (const { path } of compiled.sources) {
          const value = path.reduce<unknown>((inner, step) => (inner as Fields)[step], sent['traits']);
          expect(value).toBeNull();
        }
      }),
      { numRuns: 1000 },
    );
    expect(removals).toBeGreaterThan(20);
  });
});

describe('the key of a row that several values make', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.string({ unit: fc.constantFrom('/', '\\', 'a', '\t', 'N'), maxLength: 5 }),
  );
  const parts = fc.array(value, { minLength: 3, maxLength: 3 });
  const keyOf = (texts: readonly (string | null)[]): string =>
    spooledKey(
      texts.map((text) => (text === null ? null : escapeSpool(text))),
      3,
    );

  it('is that of no other values, and reads as it is written', () => {
    expect(unescapeSpool(keyOf(['acme', 'user-9', null]))).toBe('acme/user-9/');
    expect(unescapeSpool(keyOf(['a/b', 'c', null]))).toBe('a\\/b/c/');
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        if (!one[0] || !other[0]) return;
        // A null and an empty id are one: neither is sent.
        const same = one.every((text, place) => (text ?? '') === (other[place] ?? ''));
        expect(keyOf(one) === keyOf(other)).toBe(same);
        expect(escapeSpool(unescapeSpool(keyOf(one)))).toBe(keyOf(one));
      }),
      { numRuns: 2000 },
    );
  });
});
