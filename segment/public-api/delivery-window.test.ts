import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deliveryWindow } from './delivery-window.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const now = new Date('2026-03-01T12:34:56Z');
const ago = (ms: number): Date => new Date(now.getTime() - ms);

describe('deliveryWindow', () => {
  it('is of whole minutes around a run of today', () => {
    expect(deliveryWindow({ from: ago(90_000), to: now, now })).toEqual({
      granularity: 'minute',
      startTime: '2026-03-01T12:33:00.000Z',
      endTime: '2026-03-01T12:35:00.000Z',
    });
  });

  it.each([
    [10 * 60 * MINUTE_MS, 'hour'],
    [20 * DAY_MS, 'day'],
  ])('is wider around a run of %d ms', (ms, granularity) => {
    expect(deliveryWindow({ from: ago(ms), to: now, now })).toMatchObject({ granularity });
  });

  it('holds the span, or is none', () => {
    const spans = fc.tuple(fc.nat(40 * DAY_MS), fc.nat(40 * DAY_MS));
    fc.assert(
      fc.property(spans, ([one, two]) => {
        const [from, to] = [ago(Math.max(one, two)), ago(Math.min(one, two))];
        const window = deliveryWindow({ from, to, now });
        if (window === null) return Math.max(one, two) > 28 * DAY_MS;
        const [start, end] = [Date.parse(window.startTime), Date.parse(window.endTime)];
        return start <= from.getTime() && end >= to.getTime() && start < end;
      }),
    );
  });
});
