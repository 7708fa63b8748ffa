import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countingIntake } from './count-intake.ts';
import { openEventStore, type ReceivedEvent } from './event-intake.ts';
import { limitRate } from './rate.ts';
import type { Respond } from './respond.ts';
import { show } from './show.ts';
import { openTally, type Counts, type ReceivedRequest } from './tally.ts';
import { endpointOf, track } from './tracking.ts';
import type { ReceivedUser } from './users.ts';

export interface ReceiverOptions {
  /** @default a free one */
  port?: number;
  /** @default 127.0.0.1 */
  host?: string;
  /**
   * Known write keys. Events of another one are dropped and answered as if nothing were wrong, as Segment does.
   * @default every key is known
   */
  writeKeys?: readonly string[];
  /**
   * `counts` is for a bench: it keeps no event and checks less (`countingIntake` says what), so that it takes little
   * of the machine that it measures.
   * @default events
   */
  store?: 'events' | 'counts';
  /**
   * How many of the newest accepted events, and of the newest requests, are kept. Counts and users stay complete.
   * @default 100000
   */
  retain?: number;
  /**
   * More than this, one second ahead, is answered 429.
   * @default no limit
   */
  eventsPerSecond?: number;
  now?: () => Date;
}

export interface Receiver {
  url: string;
  port: number;
  /** Breaks the connections that are open, drops what is being waited for. */
  close(): Promise<void>;
  /** Accepted, without duplicates, in order of arrival, with all fields as sent. None with the store `counts`. */
  events(): ReceivedEvent[];
  /** By `userId`, else `anonymousId`: everyone of whom an identify was accepted. None with the store `counts`. */
  users(): Map<string, ReceivedUser>;
  /** In order of their answers. */
  requests(): ReceivedRequest[];
  counts(): Counts;
  /** Decides over every tracking request from now on, before it is taken; null: as Segment would. */
  respond(respond: Respond | null): void;
  /** Forgets everything that came, duplicates and the rate included. What `respond` was told stays. */
  reset(): void;
}

export const DEFAULT_RETAIN = 100_000;
/** As long as a load balancer keeps an idle connection, so that no client runs into one that is just being closed. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Starts a stand-in for Segment's Tracking API: same endpoints, same limits, same silence about what it drops.
 *
 * @example
 * const receiver = await startReceiver();
 * // … send to receiver.url …
 * receiver.users().get('user-1'); // { traits: { plan: 'pro' }, identifies: 1 }
 * await receiver.close();
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { port = 0, host = '127.0.0.1', retain = DEFAULT_RETAIN, now = () => new Date() } = options;
  const writeKeys = options.writeKeys === undefined ? null : new Set(options.writeKeys);
  const closing = new AbortController();
  let respond: Respond | null = null;

  const fresh = () => {
    const admission = { writeKeys, rate: limitRate(options.eventsPerSecond) };
    const store = openEventStore(admission, retain);
    const intake = options.store === 'counts' ? countingIntake(admission) : store.intake;
    return { store, intake, tally: openTally(retain) };
  };
  let kept = fresh();

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [path = '', query = ''] = (incoming.url ?? '').split('?', 2);
    const endpoint = endpointOf(path);
    if (incoming.method === 'POST' && endpoint !== undefined) {
      const { intake, tally } = kept;
      await track(
        incoming,
        outgoing,
        { path, endpoint },
        { intake, tally, respond, now, closing: closing.signal },
      );
    } else {
      incoming.resume();
      const isRead = incoming.method === 'GET' || incoming.method === 'HEAD';
      const { status, headers, body } = show(isRead ? path : '', new URLSearchParams(query), {
        store: options.store ?? 'events',
        counts: kept.tally.counts(),
        users: kept.store.users,
        writeKeys,
        url,
      });
      outgoing.writeHead(status, headers).end(body);
    }
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => {
      // The client left, or the receiver closes, or a test's own `respond` failed: that one gets to see why.
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: listening } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listening}`;
  let closed: Promise<void> | undefined;

  return {
    url,
    port: listening,
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        closing.abort();
        server.closeAllConnections();
      })),
    events: () => kept.store.events(),
    users: () => kept.store.users.all(),
    requests: () => kept.tally.requests(),
    counts: () => kept.tally.counts(),
    respond: (decide) => {
      respond = decide;
    },
    reset: () => {
      kept = fresh();
    },
  };
}
