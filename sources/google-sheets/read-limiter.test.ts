import { describe, expect, it } from '@jest/globals';
import { readLimiter } from './read-limiter.ts';

const { signal } = new AbortController();

describe('google_sheets: the limit of reads a minute', () => {
  it('lets so many through at once, and the next ones when a minute has passed since', async () => {
    const takeTurn = readLimiter(3, 200);
    const began = Date.now();
    const at: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      await takeTurn(signal);
      at.push(Date.now() - began);
    }
    expect(at[2]).toBeLessThan(150);
    expect(at[3]).toBeGreaterThanOrEqual(195);
    expect(at[6]).toBeGreaterThanOrEqual(395);
  });

  it('ends the wait when it is called off', async () => {
    const takeTurn = readLimiter(1, 60_000);
    const stopping = new AbortController();
    await takeTurn(stopping.signal);
    const waiting = takeTurn(stopping.signal);
    stopping.abort();
    await expect(waiting).rejects.toThrow();
  });
});
