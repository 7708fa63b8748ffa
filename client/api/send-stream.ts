import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { problemOf } from './problem.ts';

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
