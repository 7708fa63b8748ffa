import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exceeds, isShare } from './limit.ts';

describe('a limit of rows that may go wrong', () => {
  it.each([
    [0, 0, 100, false],
    [0, 1, 100, true],
    [5, 5, 6, false],
    [5, 6, 6, true],
    ['0%', 0, 100, false],
    ['0%', 1, 1_000_000, true],
    ['5%', 5, 100, false],
    ['5%', 6, 100, true],
    ['0.1%', 1, 1000, false],
    ['0.1%', 2, 1000, true],
    ['33.333333%', 333_333, 1_000_000, false],
    ['33.333333%', 333_334, 1_000_000, true],
    ['100%', 100, 100, false],
    ['100%', 0, 0, false],
  ])('%j: %d of %d is beyond it: %j', (limit, count, of, beyond) => {
    expect(exceeds(limit, count, of)).toBe(beyond);
  });

  it('of all is never reached, and of none by the first, however many rows there are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (part, rest) => {
        expect(exceeds('100%', part, part + rest)).toBe(false);
        expect(exceeds('0%', part, part + rest)).toBe(part > 0);
        expect(exceeds(0, part, part + rest)).toBe(part > 0);
      }),
    );
  });

  it('is exact where doubles are not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000_000 }), fc.nat(), fc.nat(), (millionths, part, rest) => {
        const share = `${Math.floor(millionths / 1e6)}.${String(millionths % 1e6).padStart(6, '0')}%`;
        const exactly = BigInt(part) * 100_000_000n > BigInt(millionths) * BigInt(part + rest);
        expect(exceeds(share, part, part + rest)).toBe(exactly);
      }),
    );
  });

  it.each(['0%', '5%', '0.5%', '100%', '100.000000%', '99.999999%'])('may be %s', (share) => {
    expect(isShare(share)).toBe(true);
  });

  it.each(['', '5', '%', '101%', '100.000001%', '-1%', '5 %', '.5%', '5.%', '0.0000001%', '1e1%'])(
    'may not be %j',
    (share) => expect(isShare(share)).toBe(false),
  );
});
