import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { errorPolicies, runFields, valueTypes } from '../definitions/mapping-entry.ts';
import { normalizations } from '../definitions/sync.ts';
import { MAX_EVENT_BYTES } from '../dev/receiver/limits.ts';
import { violation } from '../dev/receiver/rules.ts';
import { spooledValue } from '../test/support/canonical-values.ts';
import { column } from '../test/support/columns.ts';
import { sameNumber } from '../test/support/exact-number.ts';
import { failureOf } from '../test/support/failure-of.ts';
import { columnKinds } from '../vocabulary/columns.ts';
import { invalidReasons } from '../vocabulary/invalid.ts';
import { unescapeSpool } from '../vocabulary/spool.ts';
import type { SyncForMapping } from './choose-traits.ts';
import { compileMapping } from './compile.ts';
import { keyKinds } from './key.ts';
import { messageWriter } from './message.ts';

const options = {
  timestamp: '2026-05-01T00:00:00.000Z',
  product: { name: 'backhaul', version: '1.2.3' },
  run: { id: 'run-1', sync: 'users', startedAt: '2026-05-01T00:00:01.000Z' },
};
const messageId = 'f'.repeat(64);

type Fields = Readonly<Record<string, unknown>>;

/** Liquid has no escapes: a quote of one kind stands in the other. */
const columnInTemplate = (name: string): string =>
  /["\\]/.test(name) ? (/['\\]/.test(name) ? 'x' : `{{ ['${name}'] }}`) : `{{ ["${name}"] | append: "." }}`;

describe('whatever a source can yield, and whatever a valid mapping makes of it', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  const constant = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const nulls = fc.constantFrom('send' as const, 'omit' as const);

  /** Columns, a mapping over them, and a row. A key is of a kind that may be one. */
  const world = fc
    .record({
      names: fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
      kinds: fc.array(fc.constantFrom(...columnKinds), { minLength: 8, maxLength: 8 }),
      keyKind: fc.constantFrom(...keyKinds),
    })
    .chain(({ names, kinds, keyKind }) => {
      const of = names.map((one, position) =>
        column(one, position === 0 ? keyKind : (kinds[position] ?? 'text')),
      );
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
        fc.record({ from, type: fc.constantFrom(undefined, ...valueTypes), ...entryOptions }),
        fc.record({ hash: fc.record({ from }), ...entryOptions }),
        fc.record({
          template: fc
            .array(fc.oneof(from.map(columnInTemplate), fc.constantFrom('plain ', 'ü"\n')), {
              minLength: 1,
              maxLength: 3,
            })
            .map((parts) => parts.join('')),
          type: fc.constantFrom(undefined, ...valueTypes),
          ...entryOptions,
        }),
        fc.record({ constant, to, nulls: entryOptions.nulls }),
        fc.record({ run: fc.constantFrom(...runFields), to }),
      );
      return fc.record({
        of: fc.constant(of),
        changes: fc.record({
          key: fc.record({
            from: fc.constant(names[0] ?? ''),
            to: fc.constantFrom('userId' as const, 'anonymousId' as const),
          }),
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
          .tuple(...of.map(({ kind }) => fc.option(spooledValue(kind), { nil: null, freq: 4 })))
          .map((spooled) => new Map(of.map((one, position) => [one.name, spooled[position] ?? null]))),
      });
    });

  it('Segment takes the message and its key, no number loses a digit; or the row is invalid with a reason', () => {
    let messages = 0;
    fc.assert(
      fc.property(world, ({ of, changes, values }) => {
        if (failureOf(() => compileMapping(changes, of)) !== null) return;
        const compiled = compileMapping(changes, of);
        const spooled = compiled.columns.map((one) => values.get(one.name) ?? null);
        const written = messageWriter(compiled, options)(spooled, { messageId });
        if ('invalid' in written) {
          expect(Object.keys(invalidReasons)).toContain(written.invalid);
          if (written.column !== null) expect(of.map((one) => one.name)).toContain(written.column);
          return;
        }
        messages += 1;
        expect(written.bytes).toBe(Buffer.from(written.json).length);
        expect(written.bytes).toBeLessThan(MAX_EVENT_BYTES);
        expect(written.json).not.toMatch(/[\u0000-\u001f]/);
        expect(Buffer.from(written.json).toString('utf8')).toBe(written.json);
        const sent = JSON.parse(written.json) as Fields & {
          traits: object;
          context: Fields;
          timestamp: string;
        };
        expect(new Date(sent.timestamp).getTime()).toBeGreaterThanOrEqual(0);
        expect(violation(sent)).toBeNull();
        expect(sent.context).toMatchObject({ app: options.product, library: options.product });
        const id = sent[changes.key.to];
        expect(typeof id === 'string' && id !== '').toBe(true);
        expect(id).toBe(unescapeSpool(spooled[0] ?? ''));
        const names = new Set(compiled.sources.map(({ path }) => path[0]));
        for (const sentName of Object.keys(sent.traits)) expect(names).toContain(sentName);
        for (const { path, source, nulls, onError } of compiled.sources) {
          const value = path.reduce<unknown>(
            (inner, step) => (inner as Fields | undefined)?.[step],
            sent.traits,
          );
          if (nulls === 'send' && onError === 'invalid') expect(value).not.toBeUndefined();
          if (source.kind !== 'column' || source.type === 'boolean') continue;
          const text = values.get(source.column.name) ?? null;
          if (text === null || value === undefined) continue;
          if (['integer', 'decimal'].includes(source.column.kind)) {
            expect(sameNumber(typeof value === 'string' ? value : JSON.stringify(value), text)).toBe(true);
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(messages).toBeGreaterThan(20);
  });
});
