import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PostedRange } from '../ledger/verdict.ts';
import type { Range } from '../vocabulary/batches-at-rest.ts';
import { halves, pendingRanges } from './pending-ranges.ts';

const batch = fc
  .tuple(fc.nat({ max: 50 }), fc.integer({ min: 1, max: 40 }))
  .map(([first, size]): Range => ({ first, beyond: first + size }));
const answers = [
  'accepted',
  'refused',
  'throttled',
  'unavailable',
  'unknown',
  'failed',
  'not_sent',
  null,
] as const;

/** Each message of ranges, in the order in which they come. */
const messagesOf = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ first, beyond }) =>
    Array.from({ length: beyond - first }, (_, offset) => first + offset),
  );

describe('what is still to be sent of a batch', () => {
  it('is all of it before the first POST', () => {
    fc.assert(fc.property(batch, (range) => expect(pendingRanges(range, [])).toEqual([range])));
  });

  it('is, after any answers, what was neither accepted nor refused by itself: all of it, once, in order', () => {
    fc.assert(
      fc.property(batch, fc.array(fc.tuple(fc.nat(), fc.constantFrom(...answers))), (range, steps) => {
        const posts: PostedRange[] = [];
        const done = new Set<number>();
        for (const [choice, outcome] of steps) {
          const pending = pendingRanges(range, posts);
          expect(messagesOf(pending)).toEqual(messagesOf([range]).filter((message) => !done.has(message)));
          const posted = pending[choice % pending.length];
          if (posted === undefined) return;
          posts.push({ ...posted, outcome });
          const single = posted.beyond - posted.first === 1;
          if (outcome === 'accepted' || (outcome === 'refused' && single)) {
            for (const message of messagesOf([posted])) done.add(message);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('overlaps nothing and leaves nothing out, whatever is on record', () => {
    const post = fc.record({
      first: fc.nat({ max: 16 }),
      size: fc.integer({ min: 1, max: 16 }),
      outcome: fc.constantFrom(...answers),
    });
    fc.assert(
      fc.property(fc.array(post, { maxLength: 30 }), (records) => {
        const range = { first: 0, beyond: 16 };
        const posts = records.map(({ first, size, outcome }) => ({ first, beyond: first + size, outcome }));
        const pending = messagesOf(pendingRanges(range, posts));
        expect(pending).toEqual([...new Set(pending)].sort((a, b) => a - b));
        const posted = (message: number, wanted: (post: PostedRange) => boolean): boolean =>
          posts.some((one) => one.first <= message && message < one.beyond && wanted(one));
        for (const message of messagesOf([range])) {
          if (pending.includes(message)) continue;
          // Never given up without an answer of Segment's.
          const single = ({ first, beyond, outcome }: PostedRange): boolean =>
            outcome === 'refused' && beyond === first + 1;
          expect(posted(message, (one) => one.outcome === 'accepted' || single(one))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('goes out again as it was after an answer that proves nothing', () => {
    for (const outcome of answers.filter((answer) => answer !== 'accepted' && answer !== 'refused')) {
      expect(pendingRanges({ first: 3, beyond: 9 }, [{ first: 3, beyond: 9, outcome }])).toEqual([
        { first: 3, beyond: 9 },
      ]);
    }
  });

  it('is nothing once it was accepted, whatever other attempts at it were answered', () => {
    const range = { first: 0, beyond: 4 };
    for (const outcome of answers) {
      for (const outcomes of [
        [outcome, 'accepted' as const],
        ['accepted' as const, outcome],
      ]) {
        expect(
          pendingRanges(
            range,
            outcomes.map((one) => ({ ...range, outcome: one })),
          ),
        ).toEqual([]);
      }
    }
  });
});

describe('messages that Segment refuses', () => {
  /** Sends until nothing is left; the receiver refuses what holds one of these messages. */
  function deliver(range: Range, poison: ReadonlySet<number>): { posts: PostedRange[]; rejected: number[] } {
    const posts: PostedRange[] = [];
    for (;;) {
      const [next] = pendingRanges(range, posts);
      if (next === undefined) break;
      const refused = messagesOf([next]).some((message) => poison.has(message));
      posts.push({ ...next, outcome: refused ? 'refused' : 'accepted' });
    }
    const single = posts.filter(
      ({ first, beyond, outcome }) => outcome === 'refused' && beyond - first === 1,
    );
    return { posts, rejected: messagesOf(single).sort((a, b) => a - b) };
  }

  it('are found, and all others are delivered', () => {
    fc.assert(
      fc.property(batch, fc.array(fc.nat()), (range, picks) => {
        const size = range.beyond - range.first;
        const poison = new Set(picks.map((pick) => range.first + (pick % size)));
        const { posts, rejected } = deliver(range, poison);
        expect(rejected).toEqual([...poison].sort((a, b) => a - b));
        const accepted = messagesOf(posts.filter(({ outcome }) => outcome === 'accepted'));
        expect(accepted.sort((a, b) => a - b)).toEqual(
          messagesOf([range]).filter((message) => !poison.has(message)),
        );
      }),
    );
  });

  it('cost few POSTs: one among 2,500 is found with 25', () => {
    for (const poison of [0, 1249, 1250, 2499]) {
      expect(deliver({ first: 0, beyond: 2500 }, new Set([poison])).posts.length).toBeLessThanOrEqual(25);
    }
  });
});

it.each([
  [
    { first: 0, beyond: 2 },
    [
      { first: 0, beyond: 1 },
      { first: 1, beyond: 2 },
    ],
  ],
  [
    { first: 3, beyond: 6 },
    [
      { first: 3, beyond: 5 },
      { first: 5, beyond: 6 },
    ],
  ],
  [{ first: 7, beyond: 8 }, []],
])('%j is halved to %j', (range, expected) => {
  expect(halves(range)).toEqual(expected);
});
