import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Client, Pool, type Dispatcher } from 'undici';
import { post } from './post.ts';

const started: { server: Server; dispatcher: Dispatcher }[] = [];

async function serving(listener: RequestListener, connections = 2): Promise<Pool> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dispatcher = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections });
  started.push({ server, dispatcher });
  return dispatcher;
}

afterEach(async () => {
  for (const { server, dispatcher } of started.splice(0)) {
    await dispatcher.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const request = { path: '/v1/batch', headers: {}, body: Buffer.from('{}'), timeoutMs: 30_000 };
const cut = (errorCode: string, posted: string) => ({ kind: 'unavailable', status: null, errorCode, posted });

describe('a POST', () => {
  it('that finds nobody listening was not posted', async () => {
    const dispatcher = await serving(() => undefined);
    const { server } = started[0] ?? {};
    await new Promise((resolve) => server?.close(resolve));
    expect(await post(dispatcher, request)).toEqual(cut('ECONNREFUSED', 'no'));
  });

  it('whose connection never comes about in time was not posted, and does not leave later', async () => {
    const requests: string[] = [];
    const pool = await serving((incoming, answer) => {
      requests.push(incoming.url ?? '');
      answer.end();
    }, 1);
    const slow = post(pool, { ...request, path: '/first', timeoutMs: 30_000 });
    const waiting = await post(pool, { ...request, path: '/queued', timeoutMs: 0 });
    await slow;
    await post(pool, { ...request, path: '/last' });
    expect(waiting).toEqual(cut('ETIMEDOUT', 'no'));
    expect(requests).toEqual(['/first', '/last']);
  });

  it('ends in time although the host does not even refuse', async () => {
    const silent = new Client('http://127.0.0.1:9', { connect: () => undefined });
    expect(await post(silent, { ...request, timeoutMs: 50 })).toEqual(cut('ETIMEDOUT', 'no'));
    await silent.destroy();
  });

  it('that was cancelled before it began was not posted', async () => {
    let requests = 0;
    const pool = await serving((_incoming, answer) => {
      requests += 1;
      answer.end();
    });
    expect(await post(pool, { ...request, signal: AbortSignal.abort() })).toEqual(cut('aborted', 'no'));
    expect(requests).toBe(0);
  });

  it('that is cancelled while Segment is silent may have been posted', async () => {
    const controller = new AbortController();
    const pool = await serving(() => controller.abort());
    expect(await post(pool, { ...request, signal: controller.signal })).toEqual(cut('aborted', 'unknown'));
  });

  it('whose 200 is cut before its body ends may have been posted', async () => {
    const pool = await serving((incoming, answer) => {
      answer.writeHead(200, { 'content-length': '100' });
      answer.write('{"success"', () => incoming.socket.destroy());
    });
    expect(await post(pool, request)).toMatchObject({ kind: 'unavailable', status: null, posted: 'unknown' });
  });

  it('whose refusal is cut is still refused', async () => {
    const pool = await serving((incoming, answer) => {
      answer.writeHead(400, { 'content-length': '100' });
      answer.write('{', () => incoming.socket.destroy());
    });
    expect(await post(pool, request)).toEqual({ kind: 'refused', status: 400 });
  });

  it('is judged by its status when the answer goes on without end', async () => {
    const pool = await serving((_incoming, answer) => {
      answer.writeHead(413);
      const more = (): unknown => answer.write('x'.repeat(16 * 1024), () => answer.destroyed || more());
      more();
    });
    expect(await post(pool, request)).toEqual({ kind: 'refused', status: 413 });
  });

  it('does not follow a redirect', async () => {
    const paths: string[] = [];
    const pool = await serving((incoming, answer) => {
      paths.push(incoming.url ?? '');
      answer.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await post(pool, request)).toEqual({ kind: 'failed', status: 307 });
    expect(paths).toEqual(['/v1/batch']);
  });
});
