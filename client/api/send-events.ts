import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { isFinal, type Run } from '../../vocabulary/run.ts';
import { problemOf } from './problem.ts';

/** Proxies and load balancers cut what is silent for 30 to 60 s. */
const HEARTBEAT_MS = 15_000;
const COME_AGAIN_AFTER_MS = 1000;
const EVENT_ID_CHARACTERS = 16;

/** Whether a state is the one that a client has seen already: the same one has the same id. */
const eventIdOf = (state: string): string =>
  createHash('sha256').update(state).digest('hex').slice(0, EVENT_ID_CHARACTERS);

/**
 * Server-sent events: each state of a run as an event `run`, an `error` when it could not go on, comments in between so that nothing
 * on the way takes the connection for dead. Who comes again with the id of the event that it saw last is not told that one twice; of
 * a run that has ended there is no more to tell, which 204 says to a browser.
 *
 * @param ending aborted when the server stops: clients come again, elsewhere
 */
export async function sendEvents(
  reply: FastifyReply,
  states: AsyncGenerator<Run, void>,
  { ending, lastEventId }: { ending: AbortSignal; lastEventId: string | undefined },
): Promise<FastifyReply | void> {
  const first = await states.next();
  const isSeen = !first.done && eventIdOf(JSON.stringify(first.value)) === lastEventId;
  if (isSeen && isFinal(first.value.status)) {
    await states.return(undefined);
    return reply.status(204).send();
  }
  reply.hijack();
  const { raw } = reply;
  const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    // Held back or packed on the way, they would come when they are of no use any more.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    connection: 'close',
  });
  raw.write(`retry: ${COME_AGAIN_AFTER_MS}\n\n`);
  const closed = reply.server.streamOpened();
  const end = (): void => void raw.end();
  ending.addEventListener('abort', end, { once: true });
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    let next = isSeen ? await states.next() : first;
    for (; !next.done && !ending.aborted && !raw.destroyed; next = await states.next()) {
      // Who does not read is not sent more and more; the end is told to everybody.
      if (raw.writableNeedDrain && !isFinal(next.value.status)) continue;
      const state = JSON.stringify(next.value);
      raw.write(`event: run\nid: ${eventIdOf(state)}\ndata: ${state}\n\n`);
    }
  } catch (error) {
    raw.write(`event: error\ndata: ${JSON.stringify(problemOf(error))}\n\n`);
  } finally {
    closed();
    clearInterval(heartbeat);
    ending.removeEventListener('abort', end);
    raw.end();
    await states.return(undefined);
  }
}
