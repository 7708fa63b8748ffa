import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { MAX_REQUEST_BYTES } from './limits.ts';

const unzip = promisify(gunzip);

/** What is wrong with a body that cannot be read; `bytes` of it came. */
export interface Unreadable {
  unreadable: string;
  bytes: number;
}

/** The body, unzipped. One that is too long is read to its end but not kept, so that its client gets to the answer. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer | Unreadable> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_REQUEST_BYTES) return tooLong(bytes);
  return decoded(Buffer.concat(chunks), incoming.headers['content-encoding'] ?? 'identity');
}

const tooLong = (bytes: number): Unreadable => ({
  unreadable: `The request is longer than ${MAX_REQUEST_BYTES} bytes.`,
  bytes,
});

async function decoded(body: Buffer, encoding: string): Promise<Buffer | Unreadable> {
  if (encoding === 'identity') return body;
  if (encoding !== 'gzip')
    return { unreadable: 'Only gzip is known as content-encoding.', bytes: body.length };
  try {
    return await unzip(body, { maxOutputLength: MAX_REQUEST_BYTES });
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLong ? tooLong(body.length) : { unreadable: 'The body is no gzip.', bytes: body.length };
  }
}
