import { Pool } from 'undici';
import { guardedConnector } from '../definitions/guarded-connector.ts';
import type { Reaching } from '../definitions/reach.ts';
import { defaultClient, type KeyedSegmentConnection } from '../definitions/segment-connection.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { analyticsClient } from './analytics-client.ts';
import type { Deliver } from './deliver.ts';
import { batchUrl } from './endpoint.ts';
import { httpClient } from './http-client.ts';
import { showingExchanges } from './show-exchange.ts';

export type SegmentAccess = Pick<
  KeyedSegmentConnection,
  'writeKey' | 'region' | 'trackingUrl' | 'eventsPerSecond'
> &
  Partial<Pick<KeyedSegmentConnection, 'client'>> &
  Reaching;

export interface SegmentDestination {
  deliver: Deliver;
  /** Where batches are posted. */
  trackingUrl: string;
  close(): Promise<void>;
}

/** Sockets to one tracking host. More deliveries at once wait for one, and their wait counts against their timeout. */
export const DEFAULT_CONNECTIONS = 64;
/** Shorter than the timeout of a POST, so that a host that does not answer is told from one that is slow to. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens a Segment source for delivery; sockets are kept open between batches. The client is the connection's own, or
 * the default of its rate. Throws `write_key_empty`. Connects to nothing yet.
 */
export function openSegment(
  connection: SegmentAccess,
  { connections = DEFAULT_CONNECTIONS }: { connections?: number } = {},
): SegmentDestination {
  const { writeKey } = connection;
  if (writeKey.trim() === '') throw new BackhaulError('write_key_empty');
  const url = batchUrl(connection);
  const connect = guardedConnector(connection, { timeout: CONNECT_TIMEOUT_MS });
  const pool = new Pool(url.origin, { connections, pipelining: 1, connect });
  const client = connection.client ?? defaultClient(connection.eventsPerSecond);
  const deliver =
    client === 'http'
      ? httpClient(pool, { path: url.pathname + url.search, writeKey })
      : analyticsClient(pool, { url, writeKey });
  return {
    deliver: showingExchanges(deliver, { url, writeKey }),
    trackingUrl: url.href,
    close: () => pool.close(),
  };
}
