import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeBatches } from '../test/support/write-batches.ts';
import { readBatches } from '../vocabulary/batches-at-rest.ts';
import { batchLimits, MAX_BATCH_BYTES, MAX_BATCH_EVENTS, packBatches } from './batch.ts';
import { requestBody } from './envelope.ts';

const messagesOf = (lengths: readonly number[]): string[] =>
  lengths.map((length) => `{"t":"${'é'.repeat(length)}"}`);

describe('packBatches', () => {
  const limits = fc.record({
    maxBytes: fc.integer({ min: 1, max: 400 }),
    maxEvents: fc.integer({ min: 1, max: 20 }),
    extraBytesPerEvent: fc.integer({ min: 0, max: 30 }),
  });
  const lengths = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 120 });

  it('puts every message into exactly one batch, in order, and counts its bytes as they are at rest', () => {
    fc.assert(
      fc.property(lengths, limits, (given, bounds) => {
        const messages = messagesOf(given);
        const batches = packBatches(
          messages.map((message) => Buffer.byteLength(message)),
          bounds,
        );
        const read = readBatches(writeBatches(messages, batches));
        expect(batches.flatMap(({ first, beyond }) => messages.slice(first, beyond))).toEqual(messages);
        expect(read.batches).toEqual(batches.map(({ first, beyond }) => ({ first, beyond })));
        for (const batch of batches) expect(read.text(batch).length).toBe(batch.bytes);
      }),
    );
  });

  it('keeps every limit, but for a message that fits in no batch, which is alone', () => {
    fc.assert(
      fc.property(lengths, limits, (given, bounds) => {
        for (const { first, beyond, bytes } of packBatches(given, bounds)) {
          const events = beyond - first;
          expect(events).toBeLessThanOrEqual(bounds.maxEvents);
          if (events > 1)
            expect(bytes + events * bounds.extraBytesPerEvent).toBeLessThanOrEqual(bounds.maxBytes);
        }
      }),
    );
  });

  it('ends a batch only when the next message does not fit', () => {
    fc.assert(
      fc.property(lengths, limits, (given, bounds) => {
        const batches = packBatches(given, bounds);
        for (const [position, { first, beyond, bytes }] of batches.entries()) {
          if (position === batches.length - 1) continue;
          const events = beyond - first + 1;
          const withNext = bytes + 2 + (given[beyond] ?? 0) + events * bounds.extraBytesPerEvent;
          expect(events > bounds.maxEvents || withNext > bounds.maxBytes).toBe(true);
        }
      }),
    );
  });
});

describe('batchLimits', () => {
  const writeKey = 'w"é'.padEnd(32, 'x');

  it('leaves room for the envelope of the very write key', () => {
    const { maxBytes } = batchLimits({ writeKey, eventsPerSecond: 5_000 });
    expect(requestBody(Buffer.alloc(maxBytes), writeKey, new Date()).length).toBe(MAX_BATCH_BYTES);
  });

  it('holds at most one second of the rate limit in a batch, and at least one event', () => {
    const maxEvents = (eventsPerSecond: number) => batchLimits({ writeKey, eventsPerSecond }).maxEvents;
    expect([0.2, 1, 99.9, 1_000, 2_500, 1_000_000].map(maxEvents)).toEqual([
      1,
      1,
      99,
      1_000,
      2_500,
      MAX_BATCH_EVENTS,
    ]);
  });

  it("reckons with what Segment's library adds, when the connection uses it", () => {
    const extra = (eventsPerSecond: number, client?: 'http' | 'analytics-node') =>
      batchLimits({ writeKey, eventsPerSecond, client }).extraBytesPerEvent;
    expect([extra(1_000), extra(1_001, 'analytics-node')].every((bytes) => bytes > 0)).toBe(true);
    expect([extra(1_001), extra(1_000, 'http')]).toEqual([0, 0]);
  });
});
