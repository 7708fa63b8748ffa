import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedMessage {
  path: string;
  headers: IncomingHttpHeaders;
  /** As it came. */
  body: string;
}

/** A receiver of notifications, as a team has one. */
export interface Channel {
  url: string;
  received: ReceivedMessage[];
  /** What the next requests are answered with; after these 200. */
  answer(...statuses: number[]): void;
  /** What requests to a path are answered with from now on. */
  answerAt(path: string, status: number): void;
  close(): Promise<void>;
}

export async function startChannel(): Promise<Channel> {
  const received: ReceivedMessage[] = [];
  const statuses: number[] = [];
  const lasting = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers, url = '' } = request;
      received.push({ path: url, headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(lasting.get(url) ?? statuses.shift() ?? 200).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answer: (...next) => void statuses.push(...next),
    answerAt: (path, status) => void lasting.set(path, status),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
