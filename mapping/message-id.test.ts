import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { messageId, messageIds, messageIdText, type MessageIdParts } from './message-id.ts';

const parts: MessageIdParts = {
  stateId: 'default',
  generation: 1,
  writeKeyDigest: 'c0ffee',
  kind: 'identify',
  key: '42',
  sequence: 0,
  fingerprint: '1-2',
};

/** Texts that have everything in them that parts are told apart by. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('0', '1', '2', ':', 'a', '-'), maxLength: 6 }),
);
const anyParts: fc.Arbitrary<MessageIdParts> = fc.record({
  stateId: text,
  generation: fc.nat({ max: 12 }),
  writeKeyDigest: text,
  kind: fc.constant('identify' as const),
  key: text,
  sequence: fc.nat({ max: 12 }),
  fingerprint: text,
});

describe('the id of a message', () => {
  it('is at most 64 characters of [A-Za-z0-9._-]', () => {
    fc.assert(fc.property(anyParts, (any) => expect(messageId(any)).toMatch(/^[A-Za-z0-9._-]{1,64}$/)));
  });

  it('is the same at every retry, in every version: else Segment would take a change twice', () => {
    expect(messageId(parts)).toBe('cefe278fb2adb4dc494cd70043c2992218f53efa7246289d1a3b262a35b841f2');
  });

  it.each<[string, Partial<MessageIdParts>]>([
    ['the state, which another sync, a staging copy or a new ledger does not share', { stateId: 'staging' }],
    ['the state generation', { generation: 2 }],
    ['the write key', { writeKeyDigest: 'decaf' }],
    ['the key', { key: '43' }],
    ['the sequence of the entry that it replaces, so that A, B, A are three messages', { sequence: 1 }],
    ['the fingerprint', { fingerprint: '1-3' }],
  ])('changes with %s', (_, change) => {
    expect(messageId({ ...parts, ...change })).not.toBe(messageId(parts));
  });

  it('is made of a text that no other change has', () => {
    const read = (idText: string): string[] => {
      const found: string[] = [];
      for (let at = 0; at < idText.length;) {
        const colon = idText.indexOf(':', at);
        const start = colon + 1;
        at = start + Number(idText.slice(at, colon));
        found.push(idText.slice(start, at));
      }
      return found;
    };
    fc.assert(
      fc.property(anyParts, (any) => {
        const { stateId, generation, writeKeyDigest, kind, key, sequence, fingerprint } = any;
        expect(read(messageIdText(any))).toEqual([
          stateId,
          String(generation),
          writeKeyDigest,
          kind,
          key,
          String(sequence),
          fingerprint,
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it('differs wherever a part does', () => {
    fc.assert(
      fc.property(
        anyParts,
        anyParts,
        fc.subarray(Object.keys(parts) as (keyof MessageIdParts)[]),
        (one, two, taken) => {
          const other = { ...one, ...Object.fromEntries(taken.map((part) => [part, two[part]])) };
          const same = Object.keys(parts).every(
            (part) => one[part as keyof MessageIdParts] === other[part as keyof MessageIdParts],
          );
          expect(messageId(one) === messageId(other)).toBe(same);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is the same whether the parts of a run are given once or each time', () => {
    fc.assert(
      fc.property(anyParts, ({ key, sequence, fingerprint, ...fixed }) => {
        const id = messageId({ ...fixed, key, sequence, fingerprint });
        expect(messageIds(fixed)(key, sequence, fingerprint)).toBe(id);
      }),
    );
  });
});
