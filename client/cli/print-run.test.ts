import { expect, it } from '@jest/globals';
import { deliveryText } from './print-run.ts';

const askedAt = '2026-11-26T12:00:00.000Z';

it('what Segment counted stands beside what was sent', () => {
  const delivery = { received: 9998, failed: { id_not_string: 2 }, askedAt };
  expect(deliveryText(10_000, delivery)).toBe('sent 10,000 · received 9,998 · failed 2 (id_not_string)');
});

it('counts that are not complete yet say when they were asked for', () => {
  expect(deliveryText(5, { received: 0, failed: {}, askedAt })).toBe(
    `sent 5 · received 0 · failed 0 · asked at ${askedAt}, Segment counts with a delay`,
  );
});
