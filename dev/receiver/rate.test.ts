import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { identify, ok, receiversForTests, sendBatch } from '../../test/support/send-to-receiver.ts';
import { limitRate } from './rate.ts';

const receiving = receiversForTests();
const events = (count: number) => Array.from({ length: count }, () => identify());

describe('a rate limit of the receiver', () => {
  it('answers 429 and says when to come back', async () => {
    let time = 0;
    const receiver = await receiving({ eventsPerSecond: 10, now: () => new Date(time) });
    expect(await sendBatch(receiver, events(35))).toMatchObject(ok);
    expect(await sendBatch(receiver, events(1))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '3', 'x-ratelimit-reset': '3' },
    });
    expect(receiver.counts()).toMatchObject({ received: 36, accepted: 35, refused: 1 });
    time = 3_000;
    expect(await sendBatch(receiver, events(1))).toMatchObject(ok);
  });

  it('lets through who waits as long as it says, and never more than the rate and what one request adds', () => {
    const requests = fc.array(
      fc.record({ events: fc.integer({ min: 1, max: 2_500 }), pauseMs: fc.nat(2_000) }),
      {
        minLength: 1,
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), requests, (eventsPerSecond, all) => {
        const rate = limitRate(eventsPerSecond);
        let [nowMs, passed, last] = [0, 0, 0];
        for (const { events: count, pauseMs } of all) {
          nowMs += pauseMs;
          const waitSeconds = rate(count, nowMs);
          if (waitSeconds > 0) {
            nowMs += waitSeconds * 1_000;
            expect(rate(count, nowMs)).toBe(0);
          }
          passed += count;
          last = count;
          expect(passed - last).toBeLessThanOrEqual((eventsPerSecond * (nowMs + 1_000)) / 1_000 + 1e-3);
        }
      }),
    );
  });
});
