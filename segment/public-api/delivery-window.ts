const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Longest span of each granularity, and how far back its start may lie (docs.segmentapis.com, Delivery Overview). A little less
 * than they say, since the question takes a moment.
 */
const granularities = [
  { granularity: 'minute', ms: MINUTE_MS, longestMs: 4 * HOUR_MS, oldestMs: 47 * HOUR_MS },
  { granularity: 'hour', ms: HOUR_MS, longestMs: 14 * DAY_MS, oldestMs: 29 * DAY_MS },
  { granularity: 'day', ms: DAY_MS, longestMs: 30 * DAY_MS, oldestMs: 29 * DAY_MS },
] as const;

export interface Window {
  from: Date;
  to: Date;
  now: Date;
}

export interface DeliveryWindow extends Record<string, string> {
  granularity: 'minute' | 'hour' | 'day';
  /** Inclusive. */
  startTime: string;
  /** Exclusive. */
  endTime: string;
}

/** The narrowest window of whole minutes, hours or days around a span; null when Segment no longer answers for it. */
export function deliveryWindow({ from, to, now }: Window): DeliveryWindow | null {
  for (const { granularity, ms, longestMs, oldestMs } of granularities) {
    const start = Math.floor(from.getTime() / ms) * ms;
    const end = Math.max(Math.ceil(to.getTime() / ms) * ms, start + ms);
    if (end - start <= longestMs && now.getTime() - start <= oldestMs) {
      return {
        granularity,
        startTime: new Date(start).toISOString(),
        endTime: new Date(end).toISOString(),
      };
    }
  }
  return null;
}
