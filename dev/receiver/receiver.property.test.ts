import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { post, receiversForTests } from '../../test/support/send-to-receiver.ts';

const receiving = receiversForTests();

const around = (limit: number) => fc.constantFrom(limit - 1, limit, limit + 1);
const text = (limit: number) => around(limit).map((length) => 'x'.repeat(length));
const fields = (limit: number) =>
  around(limit).map((count) => Object.fromEntries(Array.from({ length: count }, (_, name) => [name, 0])));
const odd = fc.constantFrom(undefined, null, '', 0, true, [], {}, 'x', ['x']);
const often = <T, U>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<U>): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: other });
const id = often(fc.constantFrom('u-1', 'u-2', undefined), odd);
const contents = often(fc.constant({ plan: 'pro' }), fc.oneof(fields(300), odd));

const event = fc.record({
  type: often(fc.constantFrom('identify', 'track', 'group', 'page', 'screen', 'alias'), odd),
  messageId: often(fc.uuid(), fc.oneof(text(100), fc.constantFrom('m-1', 'm-2'), odd)),
  userId: id,
  anonymousId: id,
  event: often(fc.constant('Bought'), odd),
  groupId: often(fc.constant('g'), fc.oneof(text(500), odd)),
  previousId: id,
  name: often(fc.constant('Home'), odd),
  category: often(fc.constant('Shop'), odd),
  traits: contents,
  properties: contents,
});

/** Nothing is wrong with it but its length. */
const long = fc.tuple(fc.uuid(), around(32_768)).map(([messageId, bytes]) => {
  const short = { type: 'identify', messageId, userId: 'u-1', traits: { t: '' } };
  return { ...short, traits: { t: 'x'.repeat(bytes - Buffer.byteLength(JSON.stringify(short))) } };
});

const batch = fc.array(
  fc.oneof({ weight: 20, arbitrary: event }, { weight: 1, arbitrary: long }, { weight: 1, arbitrary: odd }),
  { maxLength: 12 },
);
/** Around the largest count of events, and around the largest request. */
const manyEvents = around(2_500).map((count) =>
  Array.from({ length: count }, () => ({ type: 'identify', userId: 'u' })),
);
const manyBytes = around(500_000);

const request = fc.oneof(
  { weight: 30, arbitrary: batch.map((events) => JSON.stringify({ batch: events, writeKey: 'k' })) },
  { weight: 1, arbitrary: manyEvents.map((events) => JSON.stringify({ batch: events, writeKey: 'k' })) },
  {
    weight: 1,
    arbitrary: fc.tuple(batch, manyBytes).map(([events, bytes]) => {
      const short = JSON.stringify({ batch: events, writeKey: 'k', pad: '' });
      const pad = 'x'.repeat(Math.max(0, bytes - Buffer.byteLength(short)));
      return JSON.stringify({ batch: events, writeKey: 'k', pad });
    }),
  },
);

const isText = (value: unknown): boolean => typeof value === 'string' && value.length > 0;
const isMissing = (value: unknown): boolean => value === undefined || value === null;
const sizeOf = (value: unknown): number => (isMissing(value) ? 0 : Object.keys(value as object).length);

/** The limits once more, written apart from the receiver's. */
const limits: [string, (sent: Record<string, unknown>) => boolean][] = [
  ['an id', ({ userId, anonymousId }) => isText(userId) || isText(anonymousId)],
  [
    'ids that are text',
    ({ userId, anonymousId }) => [userId, anonymousId].every((one) => isMissing(one) || isText(one)),
  ],
  ['a messageId of 100 characters', ({ messageId }) => isText(messageId) && String(messageId).length <= 100],
  ['32 KB', (sent) => Buffer.byteLength(JSON.stringify(sent)) <= 32_768],
  ['less than 300 traits', ({ type, traits }) => type !== 'identify' || sizeOf(traits) < 300],
  ['300 traits of a group', ({ type, traits }) => type !== 'group' || sizeOf(traits) <= 300],
  [
    '300 properties',
    ({ type, properties }) =>
      !['track', 'page', 'screen'].includes(String(type)) || sizeOf(properties) <= 300,
  ],
  ['an event', ({ type, event: name }) => type !== 'track' || isText(name)],
  [
    'a groupId of 500 characters',
    ({ type, groupId }) => type !== 'group' || (isText(groupId) && String(groupId).length <= 500),
  ],
  ['a previousId', ({ type, previousId }) => type !== 'alias' || isText(previousId)],
];

describe('the receiver', () => {
  it('never accepts what breaks a limit of Segment, and counts every event once', async () => {
    const receiver = await receiving();
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 4 }), async (requests) => {
        receiver.reset();
        for (const body of requests) {
          const { status } = await post(receiver, '/v1/batch', body);
          if (Buffer.byteLength(body) > 500_000) expect(status).toBe(400);
        }
        for (const sent of receiver.events()) {
          expect(limits.filter(([, keeps]) => !keeps(sent)).map(([name]) => name)).toEqual([]);
        }
        const ids = receiver.events().map(({ messageId }) => messageId);
        expect(new Set(ids).size).toBe(ids.length);

        const { received, accepted, duplicates, dropped, refused } = receiver.counts();
        const lost = Object.entries(dropped)
          .filter(([reason]) => reason !== 'empty_batch')
          .reduce((total, [, count]) => total + count, 0);
        expect(received).toBe(accepted + duplicates + lost + refused);
        expect(accepted).toBe(ids.length);
        for (const { events, accepted: taken } of receiver.requests())
          if (events > 2_500) expect(taken).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});
