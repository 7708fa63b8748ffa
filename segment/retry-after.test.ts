import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_RETRY_AFTER_MS, MIN_RETRY_AFTER_MS, readRetryAfter } from './retry-after.ts';

const now = new Date('2026-03-01T12:00:00Z');

describe('readRetryAfter', () => {
  it.each([
    ['7', 7_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['0', MIN_RETRY_AFTER_MS],
    ['86400', MAX_RETRY_AFTER_MS],
    ['Sun, 01 Mar 2026 12:00:09 GMT', 9_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', MIN_RETRY_AFTER_MS],
    ['Mon, 01 Mar 2027 12:00:00 GMT', MAX_RETRY_AFTER_MS],
    [String(now.getTime() / 1000 + 20), 20_000],
  ])('reads %j as %d ms', (value, ms) => {
    expect(readRetryAfter(value, now)).toBe(ms);
  });

  it.each([undefined, '', 'soon', '-3', '3 apples', 'Monday'])('does not take %j for a time', (value) => {
    expect(readRetryAfter(value, now)).toBeUndefined();
  });

  it('stays between a second and five minutes, whatever a server says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.nat().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (value) => {
          const ms = readRetryAfter(value, now);
          if (ms === undefined) return;
          expect(ms).toBeGreaterThanOrEqual(MIN_RETRY_AFTER_MS);
          expect(ms).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS);
        },
      ),
    );
  });
});
