import { afterEach } from '@jest/globals';
import { request } from 'undici';
import { startReceiver, type Receiver, type ReceiverOptions } from '../../dev/receiver/receiver.ts';

export interface Sent {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** As text. */
  body: string;
}

/** Posts what is given: a string or bytes as they are, anything else as JSON. */
export async function post(
  receiver: Pick<Receiver, 'url'>,
  path: string,
  content: unknown,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const asIs = typeof content === 'string' || Buffer.isBuffer(content);
  const answer = await request(receiver.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: asIs ? content : JSON.stringify(content),
  });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

export async function get(receiver: Pick<Receiver, 'url'>, path: string): Promise<Sent> {
  const answer = await request(receiver.url + path);
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

let made = 0;
/** An identify that every rule lets through, unless the fields say otherwise. */
export function identify(
  fields: Record<string, unknown> = {},
): Record<string, unknown> & { messageId: string } {
  made += 1;
  const messageId = `message-${made}`;
  return { type: 'identify', messageId, userId: `user-${made}`, traits: {}, ...fields };
}

export const sendBatch = (
  receiver: Pick<Receiver, 'url'>,
  batch: readonly unknown[],
  rest: Record<string, unknown> = {},
): Promise<Sent> => post(receiver, '/v1/batch', { batch, writeKey: 'k', ...rest });

/** Starts receivers for a test and closes them behind it. Called once a file. */
export function receiversForTests(): (options?: ReceiverOptions) => Promise<Receiver> {
  const started: Receiver[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((receiver) => receiver.close()));
  });
  return async (options) => {
    const receiver = await startReceiver(options);
    started.push(receiver);
    return receiver;
  };
}

export const ok = { status: 200, body: '{"success":true}' };
