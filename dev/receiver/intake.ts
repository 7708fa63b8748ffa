import type { IncomingHttpHeaders } from 'node:http';
import { MAX_BATCH_EVENTS, MAX_EVENT_BYTES } from './limits.ts';
import type { Rate } from './rate.ts';
import type { Dropped } from './reasons.ts';
import type { EventType } from './rules.ts';

export interface TrackingRequest {
  endpoint: 'batch' | EventType;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What became of a request and its events. */
export interface Taken {
  status: number;
  headers?: Record<string, string>;
  /** Why the status is not 200, for a person. */
  message?: string;
  accepted: number;
  duplicates: number;
  dropped: Dropped;
}

/** A request that was read and not yet taken. */
export interface Reading {
  events: number;
  messageIds: () => string[];
  take: (at: Date) => Taken;
}

export type Intake = (request: TrackingRequest) => Reading;

export interface Admission {
  /** Null: every one. */
  writeKeys: ReadonlySet<string> | null;
  rate: Rate;
}

export const taken = (accepted: number, duplicates: number, dropped: Dropped): Taken => ({
  status: 200,
  accepted,
  duplicates,
  dropped,
});

export const refused = (status: number, message: string, headers?: Record<string, string>): Taken => ({
  status,
  message,
  ...(headers === undefined ? {} : { headers }),
  accepted: 0,
  duplicates: 0,
  dropped: {},
});

/** A request of which no event could be made out. */
export const unread = (message: string): Reading => ({
  events: 0,
  messageIds: () => [],
  take: () => refused(400, message),
});

/** What is wrong with a request before its body is looked into. */
export function faultOf({ endpoint, headers, body }: TrackingRequest): string | null {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') return 'The content-type must be application/json.';
  if (endpoint !== 'batch' && body.length > MAX_EVENT_BYTES) {
    return `The request is longer than the ${MAX_EVENT_BYTES} bytes of an event.`;
  }
  return null;
}

/** What becomes of a request as a whole; null when its events are to be taken one by one. */
export function admit(
  { writeKeys, rate }: Admission,
  { events, writeKey, at }: { events: number; writeKey: string; at: Date },
): Taken | null {
  if (writeKey === '') return refused(400, 'There is no write key.');
  const waitSeconds = rate(events, at.getTime());
  if (waitSeconds > 0) {
    const seconds = String(waitSeconds);
    return refused(429, 'Too many events.', { 'retry-after': seconds, 'x-ratelimit-reset': seconds });
  }
  if (writeKeys !== null && !writeKeys.has(writeKey)) return taken(0, 0, { project_not_found: events });
  if (events === 0) return taken(0, 0, { empty_batch: 1 });
  return events > MAX_BATCH_EVENTS ? taken(0, 0, { too_many_events: events }) : null;
}
