import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, connect, type AddressInfo, type LookupFunction, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ResolvedWarehouseConnection } from '../definitions/connection.ts';
import { guardedLookup, guardedSocket, requireReach } from '../definitions/reach.ts';
import { sendToChannel } from '../alerts/send-to-channel.ts';
import { askForSettings, reach } from '../segment/check.ts';
import { openSegment } from '../segment/open.ts';
import { openSource } from './open.ts';

/** What no connection from the API may reach: it counts who came. */
let inside: Server;
let port: number;
/** The address that it has. */
let literal: string;
let came = 0;
beforeAll(async () => {
  inside = createServer((socket) => {
    came += 1;
    socket.on('error', () => undefined).destroy();
  });
  // Both of localhost's addresses.
  inside.listen(0, 'localhost');
  await once(inside, 'listening');
  const at = inside.address() as AddressInfo;
  port = at.port;
  literal = at.family === 'IPv6' ? `[${at.address}]` : at.address;
});
afterAll(async () => {
  inside.close();
  await once(inside, 'close');
});
beforeEach(() => {
  came = 0;
});

/** Whose clients connect by undici; Node looks up no name where there is an address. */
const byHttp = (host: string): ResolvedWarehouseConnection[] => [
  { type: 'elasticsearch', url: `http://${host}:${port}`, apiKey: 'x', timeout: '5s' },
  { type: 'rockset', apiKey: 'x', host: `http://${host}:${port}`, statementTimeout: '5s' },
];
const warehouses = (): ResolvedWarehouseConnection[] => [
  { type: 'postgres', url: `postgres://a:b@localhost:${port}/x`, statementTimeout: '1s' },
  {
    type: 'postgres',
    host: 'localhost',
    port,
    database: 'x',
    user: 'a',
    statementTimeout: '1s',
    sslmode: 'allow',
  },
  {
    type: 'redshift',
    url: `postgres://a:b@localhost:${port}/x`,
    statementTimeout: '1s',
    read: 'cursor',
    auth: 'password',
  },
  { type: 'mysql', url: `mysql://a:b@localhost:${port}/x`, statementTimeout: '1s' },
  ...byHttp('localhost'),
];
const context = { signal: new AbortController().signal, allowedEndpoints: [] };

async function validate(connection: ReturnType<typeof warehouses>[number]): Promise<unknown> {
  const source = await openSource('w', connection, context);
  return source
    .validate(null)
    .catch((error: unknown) => error)
    .finally(() => source.close());
}

describe('a name that leads inside', () => {
  it.each(
    ['postgres', 'postgres', 'redshift', 'mysql', 'elasticsearch', 'rockset'].map((type, at) => ({
      at,
      type,
    })),
  )('$type ($at) does not connect, unless the operator allows it', async ({ at }) => {
    const connection = warehouses()[at];
    if (connection === undefined) throw new Error('none');
    expect(await validate({ ...connection, mayReach: [] })).toBeInstanceOf(Error);
    expect(came).toBe(0);
    await validate({ ...connection, mayReach: ['localhost'] });
    expect(came).toBeGreaterThan(0);
  });

  it.each(['elasticsearch', 'rockset'])(
    '%s does not connect to an address that it was given',
    async (type) => {
      const connection = byHttp(literal).find((one) => one.type === type);
      if (connection === undefined) throw new Error('none');
      expect(await validate({ ...connection, mayReach: [] })).toBeInstanceOf(Error);
      expect(came).toBe(0);
      await validate({ ...connection, mayReach: ['127.0.0.0/8', '::1/128'] });
      expect(came).toBeGreaterThan(0);
    },
  );

  it.each(['name', 'address'])(
    'Segment and channels do not connect, by %s, and nothing was posted',
    async (by) => {
      const host = by === 'name' ? 'localhost' : literal;
      const access = {
        writeKey: 'k'.repeat(32),
        region: 'us',
        trackingUrl: `http://${host}:${port}`,
      } as const;
      for (const client of ['http', 'analytics-node'] as const) {
        const segment = openSegment({ ...access, eventsPerSecond: 1, client, mayReach: [] });
        const message = { type: 'identify', messageId: 'm', userId: 'u', traits: {} };
        const batch = { text: Buffer.from(JSON.stringify(message)), events: 1 };
        expect(await segment.deliver(batch, { sentAt: new Date(), timeoutMs: 5000 })).toMatchObject({
          kind: 'unavailable',
          posted: 'no',
        });
        await segment.close();
      }
      const url = new URL(access.trackingUrl);
      await expect(reach(url, 1000, { mayReach: [] })).rejects.toMatchObject({ code: 'segment_unreachable' });
      expect(await askForSettings(url, 1000, { mayReach: [] })).toContain('Could not check');
      const channel = { type: 'slack', webhookUrl: access.trackingUrl, mayReach: [] } as const;
      const message = {
        id: 'm',
        message: {
          type: 'test',
          timestamp: '2026-01-01T00:00:00Z',
          data: { installation: 'i', connection: 'c', message: 'm' },
        },
      } as const;
      await expect(sendToChannel('c', channel, message)).rejects.toMatchObject({
        code: 'channel_unreachable',
      });
      expect(came).toBe(0);
      await reach(url, 1000, { mayReach: ['127.0.0.0/8', '::1/128'] });
      expect(came).toBe(1);
    },
  );

  it('is refused before anything connects, with the field and the host', async () => {
    const refused = (connection: object): Promise<unknown> =>
      requireReach('w', connection, []).catch((error: unknown) => error);
    expect(await refused({ url: `http://localhost:${port}` })).toMatchObject({
      code: 'address_not_allowed',
      where: 'connection w, url: localhost',
    });
    expect(await refused({ url: 'postgres:///x?host=127.0.0.1' })).toMatchObject({
      code: 'address_not_allowed',
    });
    await requireReach('w', { host: 'localhost' }, ['127.0.0.0/8', '::1/128']);
    await requireReach('w', { host: 'a-name-that-is-not-there.invalid' }, []);
  });
});

describe('a name that changes its answer', () => {
  /** Public when it is looked at first, inside from then on. */
  const rebinding = (): LookupFunction => {
    let asked = 0;
    return (_, options, done) => {
      const address = (asked += 1) === 1 ? '8.8.8.8' : '127.0.0.1';
      if (options.all === true) done(null, [{ address, family: 4 }]);
      else done(null, address, 4);
    };
  };

  it('is looked at again by the socket, which connects to what was looked at', async () => {
    const resolve = rebinding();
    const first = await new Promise((done) => resolve('w', { all: true }, (_, found) => done(found)));
    expect(first).toEqual([{ address: '8.8.8.8', family: 4 }]);
    const socket = connect({ host: 'w.example.com', port, lookup: guardedLookup([], resolve) });
    const [error] = (await once(socket, 'error').catch((failure: unknown) => [failure])) as [unknown];
    expect(error).toMatchObject({ code: 'address_not_allowed' });
    expect(came).toBe(0);
  });

  it('of several addresses none may be inside', async () => {
    const both: LookupFunction = (_, __, done) =>
      done(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    const found = await new Promise((done) => guardedLookup([], both)('w', { all: true }, done));
    expect(found).toMatchObject({ code: 'address_not_allowed' });
  });
});

it('where Elasticsearch, Rockset and Segment redirect to is not followed', async () => {
  const asked: string[] = [];
  const redirecting = createHttpServer((request, response) => {
    asked.push(String(request.url));
    response.writeHead(307, { location: `http://localhost:${port}${request.url}` }).end();
  }).listen(0, '127.0.0.1');
  await once(redirecting, 'listening');
  const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
  await validate({ type: 'elasticsearch', url, apiKey: 'x', timeout: '5s' });
  await validate({ type: 'rockset', apiKey: 'x', host: url, statementTimeout: '5s' });
  await askForSettings(new URL(url), 1000);
  const segment = openSegment({
    writeKey: 'k'.repeat(32),
    region: 'us',
    trackingUrl: url,
    eventsPerSecond: 1,
  });
  const text = Buffer.from(JSON.stringify({ type: 'identify', messageId: 'm', userId: 'u', traits: {} }));
  await segment.deliver({ text, events: 1 }, { sentAt: new Date(), timeoutMs: 5000 });
  await segment.close();
  expect(new Set(asked).size).toBeGreaterThan(3);
  expect(came).toBe(0);
  redirecting.close();
});

it.each([
  ['an address', [1, '127.0.0.1']],
  ['an address as one number', [1, '2130706433']],
  ['the path of a socket', ['/var/run/postgresql/.s.PGSQL.5432', undefined]],
] as const)('a socket goes to %s inside by no other way', async (_, [to, host]) => {
  const socket = guardedSocket([]);
  const failed = once(socket, 'error').catch((failure: unknown) => [failure]);
  (socket.connect as (port: unknown, host: unknown) => unknown)(to, host);
  expect(((await failed) as [unknown])[0]).toMatchObject({ code: 'address_not_allowed' });
});
