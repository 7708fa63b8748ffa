import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startReceiver, type Receiver } from '../dev/receiver/receiver.ts';
import type { Exchange } from '../vocabulary/exchange.ts';
import { writeBatches } from '../test/support/write-batches.ts';
import { readBatches } from '../vocabulary/batches-at-rest.ts';
import { batchLimits, MAX_EVENT_BYTES, packBatches } from './batch.ts';
import type { DeliveryOutcome } from './deliver.ts';
import { openSegment, type SegmentDestination } from './open.ts';

const writeKey = 'conformance'.padEnd(32, '0');
const clients = ['http', 'analytics-node'] as const;
const HASTE_MS = 300;
const PATIENCE_MS = 30_000;

let receiver: Receiver;
/** What the receiver was sent, request by request. */
let bodies: { batch: Record<string, unknown>[]; sentAt: string; writeKey: string }[];

type Answer = ReturnType<NonNullable<Parameters<Receiver['respond']>[0]>>;

/** The answer to every request from now on. */
function answering(answer: Answer): void {
  receiver.respond(({ body }) => {
    bodies.push(
      JSON.parse(typeof body === 'string' ? body : JSON.stringify(body)) as (typeof bodies)[number],
    );
    return answer;
  });
}

// One each test: what a test left on its way does not arrive in the next.
beforeEach(async () => {
  receiver = await startReceiver({});
  bodies = [];
  answering('accept');
});
afterEach(async () => {
  await receiver.close();
});

let messagesMade = 0;
/** A message as mapping/ writes it. */
function message(traits: unknown = {}): string {
  messagesMade += 1;
  return JSON.stringify({
    type: 'identify',
    messageId: `message-${messagesMade}`,
    userId: `user-${messagesMade}`,
    traits,
    timestamp: '2026-03-01T12:00:00.123456Z',
    integrations: {},
    context: {
      active: false,
      app: { name: 'backhaul', version: '0.1.0' },
      library: { name: 'backhaul', version: '0.1.0' },
    },
  });
}

const batchOf = (messages: readonly string[]) => {
  const range = { first: 0, beyond: messages.length };
  return {
    text: readBatches(writeBatches(messages, [range])).text(range),
    events: messages.length,
  };
};

const acceptedIds = (): unknown[] => receiver.events().map((event) => event.messageId);
const idsOf = (messages: readonly string[]): string[] =>
  messages.map((text) => (JSON.parse(text) as { messageId: string }).messageId);

async function withClient<T>(
  client: (typeof clients)[number],
  use: (segment: SegmentDestination) => Promise<T>,
  trackingUrl = receiver.url,
): Promise<T> {
  const segment = openSegment({ writeKey, region: 'us', trackingUrl, eventsPerSecond: 1_000, client });
  try {
    return await use(segment);
  } finally {
    await segment.close();
  }
}

describe.each(clients)('delivery by %s', (client) => {
  const deliver = (
    messages: readonly string[],
    options: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<DeliveryOutcome> =>
    withClient(client, (segment) =>
      segment.deliver(batchOf(messages), { sentAt: new Date(), timeoutMs: PATIENCE_MS, ...options }),
    );

  it('puts a whole batch into one request and acknowledges it', async () => {
    const messages = [message(), message({ plan: 'pro' }), message()];
    expect(await deliver(messages)).toEqual({ kind: 'accepted' });
    expect(acceptedIds()).toEqual(idsOf(messages));
    expect(bodies).toHaveLength(1);
    expect(bodies[0]?.writeKey).toBe(writeKey);
  });

  it.each([400, 413])('takes a %d as a refusal of the batch', async (status) => {
    answering({ status });
    expect(await deliver([message(), message()])).toEqual({ kind: 'refused', status });
    expect(bodies).toHaveLength(1);
  });

  it.each<[number, Record<string, string>, number]>([
    [429, {}, 1_000],
    [429, { 'retry-after': '7' }, 7_000],
    [429, { 'x-ratelimit-reset': '9' }, 9_000],
    [429, { 'retry-after': '3600' }, 300_000],
    [503, { 'retry-after': '7' }, 7_000],
    [529, { 'retry-after': '7' }, 7_000],
  ])('hands a %d with %j back at once, as a wait of %d ms', async (status, headers, retryAfterMs) => {
    answering({ status, headers });
    expect(await deliver([message(), message()])).toEqual({ kind: 'throttled', status, retryAfterMs });
    expect(bodies).toHaveLength(1);
  });

  it('understands a Retry-After that is a date', async () => {
    answering({ status: 429, headers: { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() } });
    expect(await deliver([message()])).toEqual({ kind: 'throttled', status: 429, retryAfterMs: 300_000 });
  });

  it.each([408, 410, 460, 500, 502, 503, 504, 529])('does not try a %d again by itself', async (status) => {
    answering({ status });
    const outcome = { kind: 'unavailable', status, errorCode: null, posted: 'unknown' };
    expect(await deliver([message(), message()])).toEqual(outcome);
    expect(bodies).toHaveLength(1);
  });

  it.each([202, 302, 307, 401, 403, 404, 501, 505])(
    'takes a %d for a fault, not for a success',
    async (status) => {
      answering({ status, headers: { location: '/elsewhere' } });
      expect(await deliver([message(), message()])).toEqual({ kind: 'failed', status });
      expect(bodies).toHaveLength(1);
    },
  );

  it('does not take a 200 that says success: false for acceptance', async () => {
    answering({ status: 200, body: '{"success": false}' });
    const outcome = { kind: 'unavailable', status: 200, errorCode: null, posted: 'unknown' };
    expect(await deliver([message(), message()])).toEqual(outcome);
  });

  it('leaves a batch whose answer was lost in doubt, and may send it again without a duplicate', async () => {
    const messages = [message(), message()];
    answering('accept-then-reset');
    expect(await deliver(messages)).toMatchObject({ kind: 'unavailable', status: null, posted: 'unknown' });
    expect(acceptedIds()).toEqual(idsOf(messages));
    answering('accept');
    expect(await deliver(messages)).toEqual({ kind: 'accepted' });
    expect(acceptedIds()).toEqual(idsOf(messages));
    expect(bodies).toHaveLength(2);
  });

  it('leaves a batch in doubt when the connection breaks', async () => {
    answering('reset');
    expect(await deliver([message()])).toMatchObject({
      kind: 'unavailable',
      status: null,
      posted: 'unknown',
    });
    expect(bodies).toHaveLength(1);
  });

  it('leaves a batch in doubt when the answer takes too long', async () => {
    answering({ delayMs: HASTE_MS * 10 });
    const outcome = { kind: 'unavailable', status: null, errorCode: 'ETIMEDOUT', posted: 'unknown' };
    expect(await deliver([message(), message()], { timeoutMs: HASTE_MS })).toEqual(outcome);
  });

  it('leaves a batch in doubt when it is cancelled on its way', async () => {
    const controller = new AbortController();
    receiver.respond(() => {
      controller.abort();
      return { delayMs: HASTE_MS };
    });
    expect(await deliver([message()], { signal: controller.signal })).toMatchObject({
      kind: 'unavailable',
      posted: 'unknown',
    });
  });

  it('knows that nothing was posted when nobody listens', async () => {
    const gone = await startReceiver({});
    await gone.close();
    const outcome = await withClient(
      client,
      (segment) => segment.deliver(batchOf([message()]), { sentAt: new Date(), timeoutMs: PATIENCE_MS }),
      gone.url,
    );
    expect(outcome).toEqual({ kind: 'unavailable', status: null, errorCode: 'ECONNREFUSED', posted: 'no' });
  });

  it('tells batches that are on their way together apart', async () => {
    const batches = Array.from({ length: 12 }, (_, batch) => [message({ batch }), message({ batch })]);
    receiver.respond(({ messageIds }) => {
      const batch = batches.findIndex((messages) => idsOf(messages)[0] === messageIds[0]);
      return batch % 3 === 0 ? { status: 400 } : batch % 3 === 1 ? { status: 500 } : 'accept';
    });
    const outcomes = await withClient(client, (segment) =>
      Promise.all(
        batches.map((messages) =>
          segment.deliver(batchOf(messages), { sentAt: new Date(), timeoutMs: PATIENCE_MS }),
        ),
      ),
    );
    const kinds = ['refused', 'unavailable', 'accepted'];
    expect(outcomes.map(({ kind }) => kind)).toEqual(batches.map((_, batch) => kinds[batch % 3]));
    expect(acceptedIds().sort()).toEqual(
      batches
        .filter((_, batch) => batch % 3 === 2)
        .flatMap(idsOf)
        .sort(),
    );
  });

  it('sends every language as it is', async () => {
    const traits = {
      name: 'Zoë Ångström',
      город: 'Санкт-Петербург',
      名前: '山田',
      emoji: '👩‍👩‍👧 \u0000\u2028"\\',
    };
    expect(await deliver([message(traits)])).toEqual({ kind: 'accepted' });
    expect(bodies[0]?.batch[0]?.traits).toEqual(traits);
  });

  it('delivers as many messages in one request as its rate may need', async () => {
    const most = client === 'http' ? 2_500 : 1_000;
    const messages = Array.from({ length: most }, () =>
      JSON.stringify({ ...(JSON.parse(message()) as object), context: { active: false } }),
    );
    expect(await deliver(messages)).toEqual({ kind: 'accepted' });
    expect(acceptedIds()).toEqual(idsOf(messages));
    expect(bodies).toHaveLength(1);
  });

  it.each([
    ['plain letters', 'a'],
    ["letters that Segment's library counts twice", 'i'],
    ['quotes', '"'],
    ['letters of three bytes', '山'],
  ])('stays below the limit of a request, and close to it, with %s', async (_, letter) => {
    const messages = Array.from({ length: 900 }, (_each, position) =>
      message({ t: letter.repeat(50 + position) }),
    );
    const limits = batchLimits({ writeKey, eventsPerSecond: 1_000, client });
    const batches = packBatches(
      messages.map((text) => Buffer.byteLength(text)),
      limits,
    );
    for (const { first, beyond } of batches) {
      expect(await deliver(messages.slice(first, beyond))).toEqual({ kind: 'accepted' });
    }
    expect(acceptedIds()).toEqual(idsOf(messages));
    const sizes = receiver.requests().map(({ bytes }) => bytes);
    expect(sizes).toHaveLength(batches.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(475_000);
    expect(Math.max(...sizes)).toBeGreaterThan(430_000);
  });

  it.each(['i', '"', '山'])(
    'delivers the largest message that mapping lets through, made of %j',
    async (letter) => {
      const room = MAX_EVENT_BYTES - 300 - Buffer.byteLength(message({ t: '' }));
      const letterBytes = Buffer.byteLength(JSON.stringify(letter)) - 2;
      const messages = [message({ t: letter.repeat(Math.floor(room / letterBytes)) }), message()];
      expect(await deliver(messages)).toEqual({ kind: 'accepted' });
      expect(acceptedIds()).toEqual(idsOf(messages));
    },
  );

  it('shows what left and what came back, and the write key nowhere', async () => {
    const told: Exchange[] = [];
    const onExchange = (exchange: Exchange): void => void told.push(exchange);
    const deliver = (url: string): Promise<DeliveryOutcome> =>
      withClient(
        client,
        (segment) => segment.deliver(batchOf([text]), { sentAt: new Date(), timeoutMs: 5_000, onExchange }),
        url,
      );
    const text = message({ plan: 'pro' });
    await deliver(`${receiver.url}/?token=planted`);
    answering({ status: 400, body: `{"error":"${writeKey}"}` });
    await deliver(receiver.url);
    await receiver.close();
    await deliver(receiver.url);
    expect(told.map(({ answer, request }) => [request.method, request.url, answer?.status])).toEqual([
      ['POST', `${receiver.url}/v1/batch`, 200],
      ['POST', `${receiver.url}/v1/batch`, 400],
      ['POST', `${receiver.url}/v1/batch`, undefined],
    ]);
    expect(told[1]?.answer?.body).toBe('{"error":"…"}');
    expect(JSON.parse(told[0]?.request.body ?? '')).toMatchObject({
      batch: [{ messageId: idsOf([text])[0], traits: { plan: 'pro' } }],
      writeKey: '…',
    });
    const shown = JSON.stringify(told);
    for (const secret of [writeKey, Buffer.from(writeKey).toString('base64').slice(0, 20), 'planted']) {
      expect(shown).not.toContain(secret);
    }
  });

  it('says when this very attempt was sent', async () => {
    const before = Date.now();
    answering({ status: 500 });
    const messages = [message()];
    await deliver(messages);
    const between = Date.now();
    answering('accept');
    await deliver(messages);
    const [first = NaN, second = NaN] = bodies.map(({ sentAt }) => Date.parse(sentAt));
    expect(first).toBeGreaterThanOrEqual(before);
    expect(second).toBeGreaterThanOrEqual(between);
    expect(second).toBeLessThanOrEqual(Date.now());
  });
});

describe("Segment's library", () => {
  it('refuses a batch that it would send as two, before anything of it has left', async () => {
    const messages = Array.from({ length: 1_000 }, () => message({ t: '"'.repeat(250) }));
    const outcome = await withClient('analytics-node', (segment) =>
      segment.deliver(batchOf(messages), { sentAt: new Date(), timeoutMs: PATIENCE_MS }),
    );
    expect(outcome).toEqual({ kind: 'refused', status: 413 });
    expect(bodies).toEqual([]);
  });

  it('refuses a batch of which it would leave a message out, before anything of it has left', async () => {
    const kept = { ...(JSON.parse(message()) as object), integrations: { 'Segment.io': false } };
    const outcome = await withClient('analytics-node', (segment) =>
      segment.deliver(batchOf([message(), JSON.stringify(kept), message()]), {
        sentAt: new Date(),
        timeoutMs: HASTE_MS,
      }),
    );
    expect(outcome.kind).not.toBe('accepted');
    expect(bodies).toEqual([]);
  });

  it('does not add more to a message than batches leave room for', async () => {
    const text = message({ plan: 'pro' });
    await withClient('analytics-node', (segment) =>
      segment.deliver(batchOf([text]), { sentAt: new Date(), timeoutMs: PATIENCE_MS }),
    );
    const added = Buffer.byteLength(JSON.stringify(bodies[0]?.batch[0])) - Buffer.byteLength(text);
    expect(added).toBeGreaterThan(0);
    expect(added).toBeLessThanOrEqual(batchLimits({ writeKey, eventsPerSecond: 1 }).extraBytesPerEvent);
  });
});

describe('both clients', () => {
  /** But for what the library writes over with its own name. */
  const comparable = (sent: Record<string, unknown>[]): unknown[] =>
    sent.map(({ _metadata, context, ...rest }) => ({
      ...rest,
      context: { ...(context as object), library: undefined },
    }));

  const sentBy = async (
    client: (typeof clients)[number],
    messages: readonly string[],
  ): Promise<unknown[]> => {
    const seen = bodies.length;
    await withClient(client, (segment) =>
      segment.deliver(batchOf(messages), { sentAt: new Date(), timeoutMs: PATIENCE_MS }),
    );
    return bodies.slice(seen).flatMap(({ batch }) => comparable(batch));
  };

  it('send the same messages, whatever the traits are', async () => {
    answering({ status: 200, body: '{"success": true}' });
    const traits = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(traits, { minLength: 1, maxLength: 5 }), async (rows) => {
        const messages = rows.map(message);
        const [direct, library] = [await sentBy('http', messages), await sentBy('analytics-node', messages)];
        expect(direct).toHaveLength(messages.length);
        expect(library).toEqual(direct);
        expect(direct).toEqual(
          comparable(messages.map((text) => JSON.parse(text) as Record<string, unknown>)),
        );
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['an anonymous user', { userId: undefined, anonymousId: 'a-1' }],
    ['both ids', { anonymousId: 'a-1' }],
    [
      'integrations with settings',
      { integrations: { All: false, Mixpanel: true, Amplitude: { sessionId: 7 } } },
    ],
    [
      'external ids',
      { context: { externalIds: [{ id: '1', type: 'crm', collection: 'users', encoding: 'none' }] } },
    ],
    ['a time before 1970', { timestamp: '1969-12-31T23:59:59.000Z' }],
    [
      'traits named like fields',
      { traits: { userId: 'x', messageId: 'y', timestamp: 'z', context: {}, __proto__x: 1 } },
    ],
  ])('send the same message with %s', async (_, fields) => {
    const text = JSON.stringify({ ...(JSON.parse(message()) as object), ...fields });
    const direct = await sentBy('http', [text]);
    expect(direct).toHaveLength(1);
    expect(await sentBy('analytics-node', [text])).toEqual(direct);
  });
});
