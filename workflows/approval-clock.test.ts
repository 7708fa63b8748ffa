import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { daysWaited, nextWake } from './approval-clock.ts';

const DAY_MS = 86_400_000;
const since = fc.nat(2_000_000_000_000);
const passed = fc.nat(400 * DAY_MS);

it('a run that waits is reminded of once a day, and never later than it expires', () => {
  fc.assert(
    fc.property(since, passed, fc.option(fc.nat(400 * DAY_MS)), (begin, ms, life) => {
      const now = begin + ms;
      const expiresAt = life === null ? Infinity : begin + life;
      const { at, what } = nextWake(begin, now, expiresAt);
      expect(at).toBeLessThanOrEqual(expiresAt);
      expect(at - now).toBeLessThanOrEqual(DAY_MS);
      if (what === 'expiry') return expect(at).toBe(expiresAt);
      expect(at).toBeGreaterThan(now);
      expect(daysWaited(begin, at)).toBe(daysWaited(begin, now) + 1);
    }),
  );
});
