import { Webhook } from 'standardwebhooks';
import { Agent, request, type Dispatcher } from 'undici';
import type { ResolvedChannelConnection } from '../definitions/connection.ts';
import { guardedConnector } from '../definitions/guarded-connector.ts';
import type { Reaching } from '../definitions/reach.ts';
import { systemCode } from '../definitions/system-code.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ChannelMessage } from '../vocabulary/channel-message.ts';
import { product } from '../vocabulary/product.ts';
import { slackText } from './slack-text.ts';

/** Receivers answer at once and work afterwards: the specification of Standard Webhooks says 15 to 30 seconds. */
const TIMEOUT_MS = 15_000;

export interface SentMessage {
  /** The same each time that it is sent: a receiver that has it already drops it. */
  id: string;
  message: ChannelMessage;
}

/**
 * One POST of a message; redirects are not followed. Of the answer the status alone counts.
 *
 * @throws channel_unreachable, channel_unavailable, channel_refused
 */
export async function sendToChannel(
  name: string,
  connection: ResolvedChannelConnection,
  sent: SentMessage,
  signal?: AbortSignal,
): Promise<void> {
  const { body, headers, url } = requestOf(connection, sent);
  const status = await post(name, url, connection, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': `${product.name}/${product.version}`,
      ...headers,
    },
    ...(signal !== undefined && { signal }),
  });
  if (status >= 200 && status < 300) return;
  const where = `connection ${name}, HTTP ${status}`;
  if (status >= 500 || status === 408 || status === 425 || status === 429)
    throw new BackhaulError('channel_unavailable', where);
  throw new BackhaulError('channel_refused', where);
}

function requestOf(
  connection: ResolvedChannelConnection,
  { id, message }: SentMessage,
): { url: string; body: string; headers: Record<string, string> } {
  switch (connection.type) {
    case 'slack':
      return { url: connection.webhookUrl, body: JSON.stringify({ text: slackText(message) }), headers: {} };
    case 'webhook': {
      const body = JSON.stringify(message);
      const at = new Date();
      return {
        url: connection.url,
        body,
        headers: {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': new Webhook(connection.signingSecret).sign(id, at, body),
          ...(connection.authorization !== undefined && { authorization: connection.authorization }),
        },
      };
    }
  }
}

async function post(
  name: string,
  url: string,
  reaching: Reaching,
  options: Pick<Dispatcher.RequestOptions, 'method' | 'body' | 'headers' | 'signal'>,
): Promise<number> {
  const dispatcher = new Agent({
    connect: guardedConnector(reaching, { timeout: TIMEOUT_MS }),
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  try {
    const { body, statusCode } = await request(url, { ...options, dispatcher });
    await body.dump();
    return statusCode;
  } catch (error) {
    // The text of an error may hold the address, which may be a secret.
    throw new BackhaulError(
      'channel_unreachable',
      `connection ${name}, ${systemCode(error) ?? 'no answer'}`,
      {
        cause: error,
      },
    );
  } finally {
    await dispatcher.destroy();
  }
}
