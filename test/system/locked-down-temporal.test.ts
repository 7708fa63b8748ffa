import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { msToTs } from '@temporalio/common/lib/time.js';
import { backhaul } from '../support/cli.ts';
import { openAuthority, type Authority, type Certificate } from '../support/certificates.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { required } from '../support/required.ts';
import { startTemporalProxy, type ProxyOptions } from '../support/temporal-proxy.ts';
import { until } from '../support/until.ts';

const PATIENCE_MS = 120_000;
const API_KEY = 'planted-api-key';
const OPERATOR = '/temporal.api.operatorservice.v1.OperatorService/';
const namespace = `locked-${randomBytes(4).toString('hex')}`;

let here: TestInstallation;
let folder: string;
let authority: Authority;
let stranger: Authority;
let server: Certificate;
let client: Certificate;
const proxies: { close(): void }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-tls-'));
  authority = await openAuthority(folder, 'authority');
  stranger = await openAuthority(folder, 'stranger');
  server = await authority.issue('server');
  client = await authority.issue('client');
  here = await openInstallation();
  await here.temporal.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  await here.warehouse.query(`create table users as select g as id from generate_series(1, 10) g`);
  await here.sync('users', `select id as user_id, 'A' as plan from users`);
}, PATIENCE_MS);
afterAll(async () => {
  await here.close();
  proxies.forEach((proxy) => proxy.close());
  await rm(folder, { recursive: true, force: true });
});

/** The environment of a process that reaches Temporal through a proxy, by TLS unless told otherwise. */
async function through(
  options: Omit<ProxyOptions, 'target'>,
  env: NodeJS.ProcessEnv = {},
): Promise<NodeJS.ProcessEnv> {
  const proxy = await startTemporalProxy({ target: required('TEST_TEMPORAL_ADDRESS'), ...options });
  proxies.push(proxy);
  return {
    ...here.env,
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_NAMESPACE: namespace,
    ...(options.tls && { TEMPORAL_TLS: 'true', TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.certPath }),
    ...env,
  };
}

/** What the command line and a worker end with. */
async function refusals(env: NodeJS.ProcessEnv): Promise<{ code: string; exit: unknown }[]> {
  const ended = await Promise.all([backhaul(['list', 'runs'], { env }), backhaul(['worker'], { env })]);
  return ended.map(({ code, err }) => ({ code: /^([a-z_]+):/m.exec(err)?.[1] ?? err, exit: code }));
}
const both = (code: string): object[] => [
  { code, exit: 4 },
  { code, exit: 4 },
];

describe('a sync in a namespace of its own', () => {
  it.each([
    ['by TLS and an API key', false],
    ['by a client certificate', true],
  ])(
    '%s, where search attributes may not be asked for, completes without them',
    async (_, mutual) => {
      const env = await through(
        {
          tls: { ...server, ...(mutual && { ca: authority.cert }) },
          ...(!mutual && { authorization: `Bearer ${API_KEY}` }),
          forbidden: OPERATOR,
        },
        mutual
          ? { TEMPORAL_TLS_CLIENT_CERT_PATH: client.certPath, TEMPORAL_TLS_CLIENT_KEY_PATH: client.keyPath }
          : { TEMPORAL_API_KEY: API_KEY },
      );
      // A namespace is known everywhere only some seconds after it was made.
      const migrated = await until(async () => {
        const { code, err } = await backhaul(['migrate'], { env });
        return code === 0 && err;
      }, PATIENCE_MS / 2);
      expect(migrated).toContain('runs do without them');
      const worker = await here.startWorker(env);
      expect(worker.log()).toContain('runs do without search attributes');
      const { code, err, out } = await backhaul(['run', 'users', '--full', '--json'], { env });
      expect({ code, err, out }).toMatchObject({ code: 0, out: expect.stringContaining('"completed"') });
      expect(worker.log()).not.toContain(API_KEY);
      await worker.stop();
    },
    PATIENCE_MS,
  );
});

describe('a Temporal that cannot be used ends worker and command with what is wrong', () => {
  it(
    'nobody listens',
    async () => {
      const env = { ...here.env, TEMPORAL_ADDRESS: '127.0.0.1:1' };
      expect(await refusals(env)).toEqual(both('temporal_unreachable'));
    },
    PATIENCE_MS,
  );

  it(
    'the server is signed by a stranger, its certificate has expired, or it demands one',
    async () => {
      const tls = server;
      const foreign = await through({ tls }, { TEMPORAL_TLS_SERVER_CA_CERT_PATH: stranger.certPath });
      const expired = await through({ tls: await authority.issue('expired', -1) });
      const demanding = await through({ tls: { ...server, ca: authority.cert } });
      for (const env of [foreign, expired, demanding])
        expect(await refusals(env)).toEqual(both('temporal_tls'));
    },
    PATIENCE_MS,
  );

  it(
    'the API key is another, or the namespace is not there',
    async () => {
      const env = await through(
        { tls: server, authorization: `Bearer ${API_KEY}` },
        { TEMPORAL_API_KEY: 'another' },
      );
      expect(await refusals(env)).toEqual(both('temporal_unauthorized'));
      const [, worker] = await refusals({ ...env, TEMPORAL_API_KEY: API_KEY, TEMPORAL_NAMESPACE: 'nowhere' });
      expect(worker).toEqual({ code: 'temporal_namespace_missing', exit: 4 });
    },
    PATIENCE_MS,
  );
});
