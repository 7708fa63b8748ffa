import { describe, expect, it } from '@jest/globals';
import { failureOf } from '../test/support/failure-of.ts';
import { durationMs } from './duration.ts';

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['2d', 172_800_000],
    ['0s', 0],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['', '15', 'm', '1.5h', '-1s', '1 h', '1H', '1h30m', '9999999999s'])('%j is none', (text) => {
    expect(failureOf(() => durationMs(text))).toMatchObject({ code: 'definitions_invalid' });
  });
});
