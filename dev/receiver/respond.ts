import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { refused, type Reading, type Taken } from './intake.ts';

/** What the receiver is to do with a request, instead of what Segment would. */
export type Answer =
  | 'accept'
  /** Breaks the connection before anything is taken. */
  | 'reset'
  /** Takes the events, then breaks the connection instead of answering. */
  | 'accept-then-reset'
  /** Takes nothing when it has a body or a status other than 200; else it is accepted, `delayMs` later. */
  | { status?: number; headers?: Record<string, string>; body?: string; delayMs?: number };

/** A request of which the body could be read, whatever is in it. */
export interface AskedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  /** Unzipped. */
  body: string;
  messageIds: string[];
  events: number;
}

export type Respond = (request: AskedRequest) => Answer | Promise<Answer>;

/** What to write; a status of `reset` is a broken connection. */
export interface Reply {
  status: number | 'reset';
  headers: Record<string, string>;
  body: string;
}

/** Does what the answer says. `closing` cuts a delay short; then nothing is taken. */
export async function reply(
  answer: Answer,
  reading: Reading,
  { now, closing }: { now: () => Date; closing: AbortSignal },
): Promise<{ reply: Reply; taken: Taken }> {
  if (typeof answer === 'string') {
    const taken = answer === 'reset' ? refused(0, 'reset') : reading.take(now());
    return {
      reply: answer === 'accept' ? replyTo(taken) : { status: 'reset', headers: {}, body: '' },
      taken,
    };
  }
  const { status = 200, headers = {}, body, delayMs = 0 } = answer;
  if (delayMs > 0) await setTimeout(delayMs, undefined, { signal: closing });
  if (status !== 200 || body !== undefined) {
    return { reply: { status, headers, body: body ?? '' }, taken: refused(status, 'As told.') };
  }
  const taken = reading.take(now());
  const said = replyTo(taken);
  return { reply: { ...said, headers: { ...said.headers, ...headers } }, taken };
}

export const replyTo = ({ status, headers = {}, message }: Taken): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(status === 200 ? { success: true } : { success: false, message }),
});
