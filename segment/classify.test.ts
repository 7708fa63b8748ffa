import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classify } from './classify.ts';

const now = new Date('2026-03-01T12:00:00Z');
const answer = (status: number, headers: Record<string, string> = {}, body = '') =>
  classify({ status, headers, body: Buffer.from(body) }, now);

describe('classify', () => {
  it.each(['{"success": true}', '', 'ok', '[]', 'null', '{"success":"false"}'])(
    'takes a 200 that says %j as accepted',
    (body) => {
      expect(answer(200, {}, body)).toEqual({ kind: 'accepted' });
    },
  );

  it('takes a 200 that says success: false as not accepted', () => {
    const outcome = { kind: 'unavailable', status: 200, errorCode: null, posted: 'unknown' };
    expect(answer(200, {}, ' {"success": false, "message": "x"}')).toEqual(outcome);
  });

  it('takes nothing but 200 as accepted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 201, max: 599 }), (status) => {
        expect(answer(status, {}, '{"success": true}').kind).not.toBe('accepted');
      }),
    );
  });

  it.each([400, 413])('refuses the batch on %d, so that it is split', (status) => {
    expect(answer(status)).toEqual({ kind: 'refused', status });
  });

  it.each([
    [{}, 1_000],
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
    [{ 'x-ratelimit-reset': '4' }, 4_000],
    [{ 'retry-after': '7', 'x-ratelimit-reset': '4' }, 7_000],
    [{ 'retry-after': 'soon', 'x-ratelimit-reset': '4' }, 4_000],
    [{ 'retry-after': 'soon' }, 1_000],
  ])('waits on a 429 with %j for %d ms', (headers, retryAfterMs) => {
    expect(answer(429, headers)).toEqual({ kind: 'throttled', status: 429, retryAfterMs });
  });

  it.each([503, 529])('waits on a %d that says how long, and else tries again later', (status) => {
    expect(answer(status, { 'retry-after': '7' })).toEqual({
      kind: 'throttled',
      status,
      retryAfterMs: 7_000,
    });
    expect(answer(status).kind).toBe('unavailable');
  });

  it.each([408, 410, 460, 500, 502, 503, 504, 511, 529, 599])(
    'knows not whether a %d took the batch',
    (status) => {
      expect(answer(status)).toEqual({ kind: 'unavailable', status, errorCode: null, posted: 'unknown' });
    },
  );

  it.each([201, 204, 301, 302, 304, 307, 308, 401, 403, 404, 405, 421, 422, 501, 505])(
    'leaves a %d to a person',
    (status) => {
      expect(answer(status, { 'retry-after': '7' })).toEqual({ kind: 'failed', status });
    },
  );
});
