import { defaultClient, type SegmentClient } from '../definitions/segment-connection.ts';
import { envelopeBytes } from './envelope.ts';

/** Beyond it Segment answers 200 and drops the events: docs of Segment, HTTP API, "Errors". */
export const MAX_BATCH_EVENTS = 2_500;
/** Whole request body. Segment takes 500 KB; its own Python client stops here too (2.4.0, consumer.py). */
export const MAX_BATCH_BYTES = 475_000;
/** One message: docs of Segment, HTTP API, "Max request size". */
export const MAX_EVENT_BYTES = 32 * 1024;
/** Room for what analytics-node adds to a message: `_metadata`, and its longer name in `context.library`. */
export const LIBRARY_BYTES_PER_EVENT = 100;
/** Messages at rest are joined by a comma and a newline. */
const SEPARATOR_BYTES = 2;

export interface BatchLimits {
  /** For the messages and what separates them, without the envelope. */
  maxBytes: number;
  maxEvents: number;
  /** Added to each message on its way. */
  extraBytesPerEvent: number;
}

/** What one POST of a connection may hold: Segment's limits, and at most one second of the rate limit. */
export function batchLimits(connection: {
  writeKey: string;
  eventsPerSecond: number;
  client?: SegmentClient | undefined;
}): BatchLimits {
  const client = connection.client ?? defaultClient(connection.eventsPerSecond);
  return {
    maxBytes: MAX_BATCH_BYTES - envelopeBytes(connection.writeKey),
    maxEvents: Math.min(MAX_BATCH_EVENTS, Math.max(1, Math.floor(connection.eventsPerSecond))),
    extraBytesPerEvent: client === 'analytics-node' ? LIBRARY_BYTES_PER_EVENT : 0,
  };
}

/** Messages [first, beyond); `bytes` as at rest, separators included. */
export interface PackedBatch {
  first: number;
  beyond: number;
  bytes: number;
}

/**
 * Packs messages of these sizes (bytes of their JSON) into batches, in order, each as full as it gets. A message that
 * fits in no batch gets one of its own: to refuse it is for whoever wrote it.
 *
 * @example
 * packBatches([10, 10, 10], { maxBytes: 22, maxEvents: 100, extraBytesPerEvent: 0 })
 * // [{ first: 0, beyond: 2, bytes: 22 }, { first: 2, beyond: 3, bytes: 10 }]
 */
export function packBatches(sizes: Iterable<number>, limits: BatchLimits): PackedBatch[] {
  const batches: PackedBatch[] = [];
  let open: PackedBatch | undefined;
  let position = 0;
  for (const size of sizes) {
    if (open !== undefined && fits(open, size, limits)) {
      open.beyond += 1;
      open.bytes += SEPARATOR_BYTES + size;
    } else {
      open = { first: position, beyond: position + 1, bytes: size };
      batches.push(open);
    }
    position += 1;
  }
  return batches;
}

function fits({ first, beyond, bytes }: PackedBatch, size: number, limits: BatchLimits): boolean {
  const events = beyond - first + 1;
  const onItsWay = bytes + SEPARATOR_BYTES + size + events * limits.extraBytesPerEvent;
  return events <= limits.maxEvents && onItsWay <= limits.maxBytes;
}
