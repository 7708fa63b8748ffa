import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Backhaul } from '../../client/index.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';

/** The worker may lead connections from the API to no address inside; the API itself allows this machine. */
let here: TestInstallation;
let api: TestApi;
let remote: Backhaul;
beforeAll(async () => {
  here = await openInstallation({
    env: {
      BACKHAUL_ALLOWED_NETWORKS: '',
      BACKHAUL_ENCRYPTION_KEYS: Buffer.alloc(32, 7).toString('base64'),
    },
  });
  await here.startWorker();
  await here.warehouse.query("create table people as select 'u1' as id, 'pro' as plan");
  api = await startApi(here);
  remote = await Backhaul.connect({ BACKHAUL_URL: api.url, BACKHAUL_API_KEY: await api.key('admin') });
});
afterAll(async () => {
  await remote.close();
  await api.close();
  await here.close();
});

const parsed = (connections: object, more: object = {}) => {
  const text = JSON.stringify({ version: 1, connections, ...more });
  const { definitions, faults } = Backhaul.parseDefinitions([{ path: 'test.yaml', text }]);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return definitions;
};
const applyBy = async (backhaul: Backhaul, connections: object, more?: object) => {
  const plan = await backhaul.definitions.plan(parsed(connections, more));
  await plan.apply();
  return plan.changes.filter(({ change }) => change !== 'unchanged');
};
const segmentAt = (trackingUrl: string) => ({
  type: 'segment',
  writeKey: '${SEGMENT_WRITE_KEY}',
  trackingUrl,
});
const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: { code?: unknown }) => error.code,
  );

describe('a connection that came by the HTTP API', () => {
  it('does not lead inside when it is used, also where it could be stored', async () => {
    const { port } = new URL(here.receiver.url);
    await applyBy(remote, {
      by_address: segmentAt(here.receiver.url),
      by_name: segmentAt(`http://localhost:${port}`),
    });
    for (const name of ['by_address', 'by_name'])
      expect(await codeOf(here.backhaul.connections.check(name))).toBe('address_not_allowed');
    expect(here.receiver.requests()).toEqual([]);
  });

  it('has runs that fail at once, and send nothing', async () => {
    await applyBy(
      remote,
      { by_address: segmentAt(here.receiver.url), warehouse: { type: 'postgres', url: '${WAREHOUSE_URL}' } },
      {
        models: { people: { connection: 'warehouse', sql: 'select id as user_id, plan from people' } },
        syncs: {
          people: {
            model: 'people',
            destination: 'by_address',
            key: { from: 'user_id', to: 'userId' },
            properties: 'all',
          },
        },
      },
    );
    expect(await here.run('people')).toMatchObject({
      status: 'failed',
      error: { code: 'address_not_allowed', message: expect.stringContaining('127.0.0.1') },
    });
    expect(here.receiver.requests()).toEqual([]);
  });

  it('leads where the operator does by a variable', async () => {
    await applyBy(remote, { warehouse: { type: 'postgres', url: '${WAREHOUSE_URL}' } });
    expect(await codeOf(here.backhaul.connections.check('warehouse'))).toBeNull();
  });

  it('does not by a secret that it brings itself, neither stored nor on trial', async () => {
    let came = 0;
    const server = createServer((socket) => {
      came += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `postgres://a:${WRITE_KEY}@localhost:${(server.address() as AddressInfo).port}/x`;
    const given = {
      definition: { type: 'postgres' as const, url: '${secret:url}', statementTimeout: '1m' },
      secrets: { url },
    };
    expect(await codeOf(remote.connections.checkBeforeStoring('stored', given))).toBe('address_not_allowed');
    await remote.connections.store({ stored: given });
    expect(await codeOf(remote.connections.check('stored'))).toBe('address_not_allowed');
    expect(came).toBe(0);
    server.close();
  });

  it.each([
    ['as a certificate', '${secret:ca}', { ca: '/dev/zero' }],
    ['as part of one', '/etc/${secret:ca}', { ca: 'passwd' }],
  ])('names no file by a secret, %s', async (_, sslrootcert, secrets) => {
    const { hostname, port, pathname, username } = new URL(here.warehouse.url);
    const place = { host: hostname, port: Number(port), database: pathname.slice(1), user: username };
    const given = {
      definition: {
        type: 'postgres' as const,
        ...place,
        password: '${secret:password}',
        sslmode: 'verify-ca' as const,
        sslrootcert,
        statementTimeout: '1m',
      },
      secrets: { password: 'x', ...secrets },
    };
    expect(await codeOf(remote.connections.checkBeforeStoring('file', given))).toBe('reference_not_allowed');
    // Whoever gets past the API is stopped by the worker.
    await here.backhaul.connections.store({
      file: { ...given, definition: { ...given.definition, origin: 'api' } },
    });
    expect(await codeOf(here.backhaul.connections.check('file'))).toBe('reference_not_allowed');
  });

  it.each([
    ['${secret:url}', { url: 'postgres://db.example.com/x?sslkey=/run/secrets/tls.key' }],
    ['${WAREHOUSE_URL}?sslkey=/run/secrets/tls.key', {}],
    ['postgres://db.example.com:${SEGMENT_WRITE_KEY}/x?sslrootcert=/dev/zero', {}],
  ])('names no file in an address: %s', async (url, secrets) => {
    const definition = { type: 'postgres' as const, url, statementTimeout: '1m' };
    const given = { definition, secrets };
    expect(await codeOf(remote.connections.store({ file: given }))).toBe('reference_not_allowed');
  });

  it('names no file in an address that only a worker can put together', async () => {
    const definition = {
      type: 'postgres' as const,
      url: '${secret:scheme}://db.example.com/x?sslkey=/run/secrets/tls.key',
      statementTimeout: '1m',
    };
    await here.backhaul.connections.store({
      file: { definition: { ...definition, origin: 'api' }, secrets: { scheme: 'postgres' } },
    });
    expect(await codeOf(here.backhaul.connections.check('file'))).toBe('reference_not_allowed');
  });

  it('does not sign in as the worker, also where it could be stored', async () => {
    const definition = { type: 'google_sheets' as const, readsPerMinute: 60, origin: 'api' as const };
    await here.backhaul.connections.store({ sheets: { definition, secrets: {} } });
    expect(await codeOf(here.backhaul.connections.check('sheets'))).toBe('worker_identity_not_allowed');
  });

  it('is read back as it was sent, and unchanged when it is sent again', async () => {
    const connection = segmentAt(here.receiver.url);
    expect(await applyBy(remote, { by_address: connection })).toEqual([]);
    expect((await remote.definitions.get()).connections.by_address).toEqual(
      parsed({ by_address: connection }).connections.by_address,
    );
  });

  it("becomes the operator's own when that one applies it, and stays it when the API sends the same again", async () => {
    const connections = { by_address: segmentAt(here.receiver.url) };
    expect(await applyBy(here.backhaul, connections)).toEqual([
      { kind: 'connection', name: 'by_address', change: 'changed', fields: ['origin'] },
    ]);
    expect(await applyBy(remote, connections)).toEqual([]);
    expect((await api.fetch('/v1/definitions/connections/by_name', { method: 'DELETE' })).status).toBe(200);
    expect(await here.run('people')).toMatchObject({ status: 'completed', messages: { accepted: 1 } });
  });

  it('is allowed inside by the networks of the worker', async () => {
    await here.startWorker({ BACKHAUL_ALLOWED_NETWORKS: '127.0.0.0/8', BACKHAUL_TASK_QUEUE: 'other' });
    await applyBy(remote, { again: segmentAt(here.receiver.url) });
    const other = await Backhaul.connect({ ...here.env, BACKHAUL_TASK_QUEUE: 'other' });
    expect(await codeOf(other.connections.check('again'))).toBeNull();
    await other.close();
  });
});

describe('a stored secret', () => {
  const stored = (more: object = {}) => ({ type: 'segment', writeKey: '${secret:writeKey}', ...more });
  const given = (more: object = {}, secrets = {}) => {
    const { kept } = parsed({ kept: stored(more) }).connections;
    if (kept === undefined) throw new Error('none');
    return { kept: { definition: kept, secrets } };
  };
  const elsewhere = () => ({ trackingUrl: here.receiver.url });

  it('is sent nowhere else by who changes the connection by the HTTP API without it', async () => {
    await here.backhaul.connections.store(given({}, { writeKey: WRITE_KEY }));
    const before = here.receiver.requests().length;
    const put = await api.fetch('/v1/definitions/connections/kept', {
      method: 'PUT',
      body: JSON.stringify(stored(elsewhere())),
      headers: { 'content-type': 'application/json' },
    });
    expect(put.status).toBe(403);
    expect(await put.json()).toMatchObject({
      code: 'secret_needed_again',
      where: 'connection kept: writeKey',
    });
    for (const change of [elsewhere(), { rateLimitGroup: '${secret:writeKey}' }])
      expect(await codeOf(applyBy(remote, { kept: stored(change) }))).toBe('secret_needed_again');
    expect(await codeOf(remote.connections.store(given(elsewhere())))).toBe('secret_needed_again');
    await applyBy(remote, { renamed: stored(elsewhere()) });
    expect(await codeOf(remote.connections.check('renamed'))).toBe('reference_unresolved');
    expect(here.receiver.requests()).toHaveLength(before);
  });

  it('stays when only a rate changes, and is given again for anything else', async () => {
    expect(await applyBy(remote, { kept: stored({ eventsPerSecond: 10 }) })).toHaveLength(1);
    await remote.connections.store(given(elsewhere(), { writeKey: WRITE_KEY }));
    expect((await here.backhaul.definitions.get()).connections.kept).toMatchObject(elsewhere());
  });

  it('stays with whatever somebody with access to the ledger applies', async () => {
    expect(await applyBy(here.backhaul, { kept: stored({ region: 'eu' }) })).toHaveLength(1);
  });
});

it('a connection that is checked before it is stored is in the audit log', async () => {
  await api.post('/v1/connections/trial/check-new', {
    definition: { type: 'postgres', url: '${WAREHOUSE_URL}' },
    secrets: {},
  });
  const log = (await (await api.fetch('/v1/audit')).text()).trim();
  expect(log).toContain('/v1/connections/:name/check-new');
});

describe('the HTTP API refuses', () => {
  it.each([
    [
      'a certificate by its path',
      { type: 'postgres', host: 'db.example.com', database: 'x', user: 'a', sslrootcert: '/etc/passwd' },
    ],
    [
      'a key by its path in an address',
      { type: 'postgres', url: 'postgres://db.example.com/x?sslkey=/etc/passwd' },
    ],
    [
      'an address that has its host in a parameter',
      { type: 'postgres', url: 'postgres:///x?host=169.254.169.254' },
    ],
  ])('%s', async (_, connection) => {
    expect(await codeOf(applyBy(remote, { sneaky: connection }))).toMatch(
      /^(reference|address)_not_allowed$/,
    );
  });
});
