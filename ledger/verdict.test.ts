import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PostOutcome } from './schema.ts';
import { countVerdicts, verdicts, type PostedRange } from './verdict.ts';

const MESSAGES = 12;
const outcomes: (PostOutcome | null)[] = [
  null,
  'accepted',
  'refused',
  'throttled',
  'unavailable',
  'unknown',
  'failed',
  'not_sent',
];
const post: fc.Arbitrary<PostedRange> = fc
  .tuple(fc.nat(MESSAGES - 1), fc.nat(MESSAGES - 1), fc.constantFrom(...outcomes))
  .map(([one, other, outcome]) => ({
    first: Math.min(one, other),
    beyond: Math.max(one, other) + 1,
    outcome,
  }));

const verdictsOf = (posts: PostedRange[]): string[] =>
  verdicts(posts, 3).map(({ first, beyond, verdict }) => `${first}-${beyond} ${verdict}`);

describe('what is known of the messages of a page', () => {
  it('covers each message once, in order, whatever was posted', () => {
    fc.assert(
      fc.property(fc.array(post, { maxLength: 12 }), (posts) => {
        const ranges = verdicts(posts, MESSAGES);
        expect(ranges[0]?.first).toBe(0);
        expect(ranges.at(-1)?.beyond).toBe(MESSAGES);
        for (const [position, range] of ranges.entries()) {
          expect(range.beyond).toBeGreaterThan(range.first);
          if (position > 0) expect(range.first).toBe(ranges[position - 1]?.beyond);
        }
        for (let message = 0; message < MESSAGES; message++) {
          const of = posts.filter(({ first, beyond }) => first <= message && message < beyond);
          const range = ranges.find(({ first, beyond }) => first <= message && message < beyond);
          const accepted = of.some(({ outcome }) => outcome === 'accepted');
          const doubted = of.some(({ outcome }) => outcome === null || outcome === 'unknown');
          const refused = of.some(
            ({ first, beyond, outcome }) => outcome === 'refused' && beyond === first + 1,
          );
          expect(range?.verdict).toBe(
            accepted ? 'accepted' : doubted ? 'in_doubt' : refused ? 'rejected' : 'open',
          );
          expect(range?.refused).toBe(refused && !accepted);
        }
        expect(Object.values(countVerdicts(ranges)).reduce((sum, count) => sum + count, 0)).toBe(MESSAGES);
      }),
      { numRuns: 500 },
    );
  });

  it('of a page without messages is nothing', () => {
    expect(verdicts([], 0)).toEqual([]);
  });

  it('an answer that was lost is made good by one that came', () => {
    expect(verdictsOf([{ first: 0, beyond: 3, outcome: null }])).toEqual(['0-3 in_doubt']);
    expect(
      verdictsOf([
        { first: 0, beyond: 3, outcome: null },
        { first: 0, beyond: 3, outcome: 'accepted' },
      ]),
    ).toEqual(['0-3 accepted']);
  });

  it('a batch that Segment refused leaves its messages open until each is known', () => {
    const batch: PostedRange = { first: 0, beyond: 3, outcome: 'refused' };
    expect(verdictsOf([batch])).toEqual(['0-3 open']);
    const halves: PostedRange[] = [
      { first: 0, beyond: 2, outcome: 'accepted' },
      { first: 2, beyond: 3, outcome: 'refused' },
    ];
    expect(verdictsOf([batch, ...halves])).toEqual(['0-2 accepted', '2-3 rejected']);
  });

  it('a message refused after a lost answer is counted as rejected and stays in doubt', () => {
    const ranges = verdicts(
      [
        { first: 0, beyond: 3, outcome: 'unknown' },
        { first: 1, beyond: 2, outcome: 'refused' },
      ],
      3,
    );
    expect(ranges).toEqual([
      { first: 0, beyond: 1, verdict: 'in_doubt', refused: false },
      { first: 1, beyond: 2, verdict: 'in_doubt', refused: true },
      { first: 2, beyond: 3, verdict: 'in_doubt', refused: false },
    ]);
    expect(countVerdicts(ranges)).toEqual({ accepted: 0, rejected: 1, in_doubt: 2, open: 0 });
  });
});
