import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WAIT_MS, MAX_WAIT_MS, rateLimitWaitMs } from './rate-limit-wait.ts';

const now = new Date('2026-01-01T00:00:00Z');

describe('rateLimitWaitMs', () => {
  it.each<[string, unknown, string | undefined, number]>([
    ['the body', { data: { msBeforeNext: 2500.5 } }, undefined, 2501],
    ['the body of an error', { errors: [{ type: 'x', data: { msBeforeNext: 2500 } }] }, undefined, 2500],
    ['the body before the header', { data: { msBeforeNext: 2500 } }, 'Thu, 01 Jan 2026 00:00:09 GMT', 2500],
    ['the header', {}, 'Thu, 01 Jan 2026 00:00:09 GMT', 9000],
    ['a date that has passed', {}, 'Wed, 31 Dec 2025 00:00:00 GMT', 1000],
    ['an hour', { data: { msBeforeNext: 3_600_000 } }, undefined, MAX_WAIT_MS],
    ['nothing', undefined, undefined, DEFAULT_WAIT_MS],
    ['nonsense', { data: { msBeforeNext: -1 } }, 'soon', DEFAULT_WAIT_MS],
  ])('reads %s', (_, body, reset, ms) => {
    expect(rateLimitWaitMs({ body, reset }, now)).toBe(ms);
  });
});
