/** Segment's own clients never wait longer (analytics-node 3.1.0, MAX_RETRY_AFTER_SECONDS): then it is worth one question. */
export const MAX_RETRY_AFTER_MS = 300_000;
/** Segment's own clients take 0 for one second too, else it would be a tight loop. */
export const MIN_RETRY_AFTER_MS = 1_000;

/** A number beyond it is a point in time, in seconds since 1970, not a span. */
const LONGEST_SPAN_SECONDS = 1_000_000_000;

/**
 * What a `Retry-After` (seconds or HTTP date) or an `X-RateLimit-Reset` (seconds) asks for, in milliseconds between
 * MIN_RETRY_AFTER_MS and MAX_RETRY_AFTER_MS. Undefined when it is absent or neither form.
 */
export function readRetryAfter(value: string | undefined, now: Date): number | undefined {
  const text = value?.trim() ?? '';
  const ms = /^\d+(\.\d+)?$/.test(text) ? ofNumber(Number(text), now) : ofDate(text, now);
  return Number.isNaN(ms)
    ? undefined
    : Math.min(MAX_RETRY_AFTER_MS, Math.max(MIN_RETRY_AFTER_MS, Math.ceil(ms)));
}

const ofNumber = (seconds: number, now: Date): number =>
  seconds > LONGEST_SPAN_SECONDS ? seconds * 1000 - now.getTime() : seconds * 1000;

/** HTTP dates begin with a weekday; `Date.parse` alone would read a date into almost anything. */
const ofDate = (text: string, now: Date): number =>
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i.test(text) ? Date.parse(text) - now.getTime() : NaN;
