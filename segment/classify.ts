import type { DeliveryOutcome } from './deliver.ts';
import { MIN_RETRY_AFTER_MS, readRetryAfter } from './retry-after.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Null when it was cut, or longer than anything Segment says. */
  body: Buffer | null;
}

/** 4xx that Segment's own clients try again (analytics-node 3.1.0, publisher.ts). */
const PASSING = new Set([408, 410, 460]);
/** 5xx that they do not. */
const LASTING = new Set([501, 505]);
/** Sent with `Retry-After` by a server that is too busy. */
const BUSY = new Set([503, 529]);

/** What a whole answer means for the batch: the one place that knows Segment's status codes. */
export function classify({ status, headers, body }: Answer, now: Date): DeliveryOutcome {
  if (status === 200) {
    return saysUnsuccessful(body)
      ? { kind: 'unavailable', status, errorCode: null, posted: 'unknown' }
      : { kind: 'accepted' };
  }
  if (status === 400 || status === 413) return { kind: 'refused', status };
  const retryAfterMs = readRetryAfter(first(headers['retry-after']), now);
  if (status === 429) {
    const resetMs = readRetryAfter(first(headers['x-ratelimit-reset']), now);
    return { kind: 'throttled', status, retryAfterMs: retryAfterMs ?? resetMs ?? MIN_RETRY_AFTER_MS };
  }
  if (BUSY.has(status) && retryAfterMs !== undefined) return { kind: 'throttled', status, retryAfterMs };
  if (PASSING.has(status) || (status >= 500 && !LASTING.has(status))) {
    return { kind: 'unavailable', status, errorCode: null, posted: 'unknown' };
  }
  return { kind: 'failed', status };
}

/** Segment answers `{"success": true}`; a body that is no JSON says nothing against the 200. */
function saysUnsuccessful(body: Buffer | null): boolean {
  if (body === null) return false;
  try {
    const said = JSON.parse(body.toString('utf8')) as unknown;
    return typeof said === 'object' && said !== null && 'success' in said && said.success === false;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const first = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
