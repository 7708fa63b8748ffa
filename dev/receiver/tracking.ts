import type { IncomingMessage, ServerResponse } from 'node:http';
import { unread, type Intake, type TrackingRequest } from './intake.ts';
import { readBody } from './read-body.ts';
import { reply, type Answer, type Reply, type Respond } from './respond.ts';
import { eventTypes } from './rules.ts';
import type { Tally } from './tally.ts';

const endpoints = new Map<string, TrackingRequest['endpoint']>(
  (['batch', ...eventTypes] as const).map((name) => [`/v1/${name}`, name]),
);

export const endpointOf = (path: string): TrackingRequest['endpoint'] | undefined => endpoints.get(path);

export interface Tracking {
  intake: Intake;
  tally: Tally;
  respond: Respond | null;
  now: () => Date;
  closing: AbortSignal;
}

/** Takes one request of the Tracking API and answers it. */
export async function track(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { path, endpoint }: { path: string; endpoint: TrackingRequest['endpoint'] },
  { intake, tally, respond, now, closing }: Tracking,
): Promise<void> {
  const { headers } = incoming;
  const at = now();
  const body = await readBody(incoming);
  const isRead = Buffer.isBuffer(body);
  const reading = isRead ? intake({ endpoint, headers, body }) : unread(body.unreadable);
  const { events } = reading;
  let answer: Answer = 'accept';
  if (isRead && respond !== null) {
    const asked = { path, headers, body: body.toString('utf8'), messageIds: reading.messageIds(), events };
    answer = await respond(asked);
  }
  const { reply: said, taken } = await reply(answer, reading, { now, closing });
  const { accepted, duplicates, dropped } = taken;
  const bytes = isRead ? body.length : body.bytes;
  tally.add({ at, path, bytes, status: said.status, events, accepted, duplicates, dropped });
  write(outgoing, said);
}

function write(outgoing: ServerResponse, { status, headers, body }: Reply): void {
  if (status === 'reset') outgoing.req.socket.resetAndDestroy();
  else outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
