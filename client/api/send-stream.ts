import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { problemOf } from './problem.ts';

const HEARTBEAT_MS = 15_000;

/**
 * Rows as NDJSON, one a line, as fast as they are taken. The last line is `{"end":…}`, or `{"error":…}` when it broke off: an answer
 * without either was cut.
 */
export async function sendRows(
  reply: FastifyReply,
  rows: AsyncGenerator<unknown, object | void>,
): Promise<FastifyReply> {
  // What fails before the first row is answered as any error is.
  const first = await rows.next();
  return reply
    .type('application/x-ndjson; charset=utf-8')
    .send(Readable.from(linesOf(first, rows), { objectMode: false, highWaterMark: 64 * 1024 }));
}

async function* linesOf(
  first: IteratorResult<unknown, object | void>,
  rows: AsyncGenerator<unknown, object | void>,
): AsyncGenerator<string> {
  try {
    let next = first;
    while (!next.done) {
      yield `${JSON.stringify(next.value)}\n`;
      next = await rows.next();
    }
    yield `${JSON.stringify({ end: next.value ?? {} })}\n`;
  } catch (error) {
    yield `${JSON.stringify({ error: problemOf(error) })}\n`;
  } finally {
    await rows.return(undefined);
  }
}

/**
 * Server-sent events: each state of a run as an event `run`, an `error` when it could not go on, comments in between so that nothing
 * on the way takes the connection for dead.
 *
 * @param ending aborted when the server stops: clients come again, elsewhere
 */
export async function sendEvents(
  reply: FastifyReply,
  states: AsyncGenerator<unknown, void>,
  ending: AbortSignal,
): Promise<void> {
  const first = await states.next();
  reply.hijack();
  const { raw } = reply;
  const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    connection: 'close',
  });
  const closed = reply.server.streamOpened();
  const end = (): void => void raw.end();
  ending.addEventListener('abort', end, { once: true });
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    for (let next = first; !next.done && !ending.aborted && !raw.destroyed; next = await states.next()) {
      raw.write(`event: run\ndata: ${JSON.stringify(next.value)}\n\n`);
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
