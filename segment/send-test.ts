import { randomUUID } from 'node:crypto';
import type { KeyedSegmentConnection } from '../definitions/segment-connection.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { openSegment } from './open.ts';

/** Who a test is sent for: the same each time, so that tests leave one user and not many. */
export const TEST_USER_ID = 'backhaul-test-user';
const TEST_TIMEOUT_MS = 20_000;

export interface TestMessage {
  userId: string;
  messageId: string;
}

/**
 * Sends one identify of a test user. It shows in the source and goes to no destination (`integrations: { All: false }`): what is
 * tested is the way to Segment. Throws what a delivery of a run would fail with.
 */
export async function sendTest(
  name: string,
  connection: KeyedSegmentConnection,
  product: { name: string; version: string },
): Promise<TestMessage> {
  const now = new Date();
  const { name: app, version } = product;
  const message = {
    type: 'identify',
    messageId: `backhaul-test-${randomUUID()}`,
    userId: TEST_USER_ID,
    traits: { backhaulTest: 'Sent by `backhaul check --send-test`; this user may be deleted.' },
    timestamp: now.toISOString(),
    integrations: { All: false },
    context: { active: false, app: { name: app, version }, library: { name: app, version } },
  };
  const segment = openSegment(connection, { connections: 1 });
  try {
    const text = Buffer.from(JSON.stringify(message));
    const outcome = await segment.deliver({ text, events: 1 }, { sentAt: now, timeoutMs: TEST_TIMEOUT_MS });
    const where = (what: string | number): string => `connection ${name}, test message: ${what}`;
    switch (outcome.kind) {
      case 'accepted':
        return { userId: message.userId, messageId: message.messageId };
      case 'refused':
      case 'failed':
        throw new BackhaulError('segment_refused', where(`HTTP ${outcome.status}`));
      case 'throttled':
        throw new BackhaulError('segment_throttled', where(`${Math.ceil(outcome.retryAfterMs / 1000)} s`));
      case 'unavailable':
        if (outcome.status !== null)
          throw new BackhaulError('segment_unavailable', where(`HTTP ${outcome.status}`));
        throw new BackhaulError('segment_unreachable', where(outcome.errorCode ?? 'no answer'));
    }
  } finally {
    await segment.close();
  }
}
