import type { HTTPClient, IdentifyParams } from '@segment/analytics-node';
import type { Dispatcher } from 'undici';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { BatchToDeliver, Deliver, DeliverOptions, DeliveryOutcome } from './deliver.ts';
import { post } from './post.ts';

export interface AnalyticsClientOptions {
  /** Where batches go, with its path. */
  url: URL;
  writeKey: string;
}

type Message = IdentifyParams & { type: string; messageId: string };

/**
 * Delivers by Segment's own library, in the one arrangement that loses nothing: one `Analytics` a batch, none of its
 * retries, and an HTTP client that throws at anything but acceptance, since the library takes a 3xx for a success,
 * sleeps on a 429 for minutes, and never looks at the body (3.1.0, publisher.ts).
 */
export const analyticsClient =
  (dispatcher: Dispatcher, options: AnalyticsClientOptions): Deliver =>
  (batch, deliver) =>
    deliverOnce(dispatcher, options, batch, deliver);

/** Between the answer and the library's last acknowledgement. */
const GRACE_MS = 1_000;

async function deliverOnce(
  dispatcher: Dispatcher,
  { url, writeKey }: AnalyticsClientOptions,
  batch: BatchToDeliver,
  { timeoutMs, signal, tooLate, onExchange }: DeliverOptions,
): Promise<DeliveryOutcome> {
  const deadline = performance.now() + timeoutMs;
  // Loaded at the first batch: who delivers directly need not carry it.
  const { Analytics } = await import('@segment/analytics-node');
  const messages = parseMessages(batch.text);
  const path = url.pathname + url.search;

  return new Promise((resolve) => {
    let answer: DeliveryOutcome | undefined;
    let settled = false;
    let acknowledged = 0;
    let failed = 0;

    const settle = (outcome: DeliveryOutcome): void => {
      settled = true;
      clearTimeout(timer);
      resolve(outcome);
    };
    const timer = setTimeout(
      () => settle(answer === undefined ? notSent : unacknowledged),
      timeoutMs + GRACE_MS,
    );

    const httpClient: HTTPClient = {
      async makeRequest({ headers, body }) {
        if (settled || answer !== undefined || !holdsAll(body, messages)) throw new Error('not sent');
        answer = notSent;
        const remainingMs = Math.max(0, deadline - performance.now());
        answer = await post(dispatcher, {
          path,
          headers,
          body,
          timeoutMs: remainingMs,
          signal,
          tooLate,
          onExchange,
        });
        if (answer.kind === 'accepted') return { status: 200, statusText: 'OK' };
        settle(answer);
        throw new Error(answer.kind);
      },
    };
    const analytics = new Analytics({
      writeKey,
      host: url.origin,
      path,
      httpClient,
      maxRetries: 0,
      flushAt: messages.length,
      // Its timer outlives a batch that never filled up, so it is no longer than the POST may take.
      flushInterval: timeoutMs,
    });
    const conclude = (): void => {
      if (settled || acknowledged + failed < messages.length) return;
      if (answer === undefined) settle(unsendable);
      else settle(failed === 0 ? answer : unacknowledged);
    };
    analytics.on('identify', () => {
      acknowledged += 1;
      conclude();
    });
    analytics.on('error', () => {
      failed += 1;
      // One that never entered the batch keeps it from filling up; this sends the rest off, into the throw above.
      if (failed === 1 && answer === undefined) setImmediate(() => void analytics.flush({ close: true }));
      conclude();
    });
    try {
      for (const message of messages) analytics.identify(message);
    } catch {
      // The library found a message at fault (its ValidationError); splitting finds which.
      settle({ kind: 'refused', status: 400 });
    }
  });
}

const notSent: DeliveryOutcome = { kind: 'unavailable', status: null, errorCode: 'not_sent', posted: 'no' };
const unacknowledged: DeliveryOutcome = { ...notSent, errorCode: 'not_acknowledged', posted: 'unknown' };
/** What the library does not send as one request is too large for it, and nothing of it was sent. */
const unsendable: DeliveryOutcome = { kind: 'refused', status: 413 };

function parseMessages(text: Buffer): Message[] {
  const messages = JSON.parse(`[${text.toString('utf8')}]`) as Message[];
  if (messages.some(({ type }) => type !== 'identify')) {
    throw new BackhaulError('internal', 'the analytics-node client sends identify messages only');
  }
  return messages;
}

/** The library acknowledges what it could not put into a request, and splits a batch by a wrong count of bytes. */
function holdsAll(body: string, messages: readonly Message[]): boolean {
  let at = 0;
  for (const { messageId } of messages) {
    // Found as it stands, since a quote inside a value would be escaped: parsing half a megabyte again would cost more.
    at = body.indexOf(`"messageId":${JSON.stringify(messageId)}`, at);
    if (at < 0) return false;
  }
  return true;
}
