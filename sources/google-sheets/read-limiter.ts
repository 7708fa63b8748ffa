import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when one more read may be sent; throws the signal's AbortError. */
export type TakeTurn = (signal: AbortSignal) => Promise<void>;

const MINUTE_MS = 60_000;

/** At most so many turns within any minute, as Google counts them. */
export function readLimiter(perMinute: number, minuteMs = MINUTE_MS): TakeTurn {
  /** When the last ones were taken, the oldest at `next`. */
  const taken: number[] = [];
  let next = 0;
  return async (signal) => {
    const now = Date.now();
    const from = Math.max(now, taken.length < perMinute ? now : (taken[next] ?? 0) + minuteMs);
    taken[next] = from;
    next = (next + 1) % perMinute;
    if (from > now) await sleep(from - now, undefined, { signal });
  };
}

const limiters = new Map<string, TakeTurn>();
const MAX_LIMITERS = 1000;

/** One limiter for all reads of this process under one identity: Google counts them together. */
export function sharedLimiter(identity: string, perMinute: number): TakeTurn {
  const name = `${perMinute} ${identity}`;
  const limiter = limiters.get(name) ?? readLimiter(perMinute);
  if (limiters.size >= MAX_LIMITERS) limiters.clear();
  limiters.set(name, limiter);
  return limiter;
}
