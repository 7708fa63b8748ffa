import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until something is there; an error counts as not yet. */
export async function until<T>(
  look: () => Promise<T | null | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found !== null && found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error('it did not come to pass in time', { cause: last });
}
