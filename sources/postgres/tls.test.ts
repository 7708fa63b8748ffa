import { chmod, chown, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { freePort } from '../../dev/free-port.ts';
import { clusterUrl, openPostgresCluster } from '../../dev/postgres-cluster.ts';
import { awaitPostgres, postgresProgram } from '../../dev/postgres-server.ts';
import { choosePostgresSite } from '../../dev/postgres-site.ts';
import { spawnLogged, type RunningProgram } from '../../dev/spawn-logged.ts';
import { nobodyStops } from '../../test/support/read-pieces.ts';
import { openPostgres } from './open-postgres.ts';

const fixture = (file: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/tls/${file}`, import.meta.url));
const CA = fixture('ca.pem');

let folder: string;
let server: RunningProgram;
let url: URL;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-tls-'));
  await chmod(folder, 0o755);
  const cluster = await openPostgresCluster(await choosePostgresSite(join(folder, 'postgres')));
  const key = join(cluster.site.folder, 'server.key');
  await copyFile(fixture('server.key'), key);
  await chmod(key, 0o600);
  if (cluster.site.user !== undefined) await chown(key, cluster.site.user.uid, cluster.site.user.gid);
  const certificate = join(cluster.site.folder, 'server.pem');
  await copyFile(fixture('server.pem'), certificate);
  const port = await freePort();
  const settings = ['ssl=on', `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`];
  server = await spawnLogged(postgresProgram(cluster, port, settings), join(folder, 'postgres.log'));
  await awaitPostgres(cluster, port, server);
  url = new URL(clusterUrl(cluster, port, 'postgres'));
});
afterAll(async () => {
  server.kill('SIGINT');
  await server.exited;
  await rm(folder, { recursive: true, force: true });
});

/** Whether a session came about, and whether it is encrypted. */
async function session(host: string, fields: Record<string, string>): Promise<unknown> {
  const connection = resolveConnection('warehouse', {
    type: 'postgres',
    url: Object.assign(new URL(url), { hostname: host }).href,
    statementTimeout: '1h',
    ...fields,
  });
  const source = openPostgres('warehouse', connection, nobodyStops());
  try {
    const sql = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
    const { rows } = await source.preview({ name: 'm', sql }, 1);
    return rows[0]?.[0] === 't' ? 'encrypted' : 'plain';
  } catch (error) {
    return (error as { code?: unknown }).code;
  } finally {
    await source.close();
  }
}

describe('postgres: sslmode, as libpq means it', () => {
  it.each([
    ['disable', {}, 'localhost', 'plain'],
    ['allow', {}, 'localhost', 'plain'],
    ['prefer', {}, 'localhost', 'encrypted'],
    ['require', {}, '127.0.0.1', 'encrypted'],
    ['require', { sslrootcert: CA }, '127.0.0.1', 'encrypted'],
    ['verify-ca', { sslrootcert: CA }, '127.0.0.1', 'encrypted'],
    ['verify-ca', {}, 'localhost', 'source_tls'],
    ['verify-full', { sslrootcert: CA }, 'localhost', 'encrypted'],
    ['verify-full', { sslrootcert: CA }, '127.0.0.1', 'source_tls'],
    ['verify-full', {}, 'localhost', 'source_tls'],
    ['verify-full', { sslrootcert: '/no/such/file.pem' }, 'localhost', 'source_tls'],
    ['verify-full', { sslrootcert: '/dev/zero' }, 'localhost', 'source_tls'],
  ])('%s with %j to %s: %s', async (sslmode, fields, host, outcome) => {
    expect(await session(host, { sslmode, ...fields })).toBe(outcome);
  });

  it('may stand in the URL', async () => {
    url.searchParams.set('sslmode', 'verify-full');
    try {
      expect(await session('localhost', {})).toBe('source_tls');
      expect(await session('localhost', { sslrootcert: CA })).toBe('encrypted');
    } finally {
      url.searchParams.delete('sslmode');
    }
  });

  it.each(['0', 'false', 'true', 'no-verify'])(
    'is what it is said to be, also with ssl=%s in the URL',
    async (ssl) => {
      url.searchParams.set('ssl', ssl);
      try {
        expect(await session('localhost', { sslmode: 'verify-full', sslrootcert: CA })).toBe('encrypted');
        expect(await session('127.0.0.1', { sslmode: 'verify-full', sslrootcert: CA })).toBe('source_tls');
        expect(await session('localhost', { sslmode: 'disable' })).toBe('plain');
      } finally {
        url.searchParams.delete('ssl');
      }
    },
  );
});

describe('postgres: a connection', () => {
  it('shows sooner than a gateway forgets it that it is still there', async () => {
    const alive = jest.spyOn(Socket.prototype, 'setKeepAlive');
    try {
      expect(await session('localhost', {})).toBe('encrypted');
      const delays = alive.mock.calls.map(([, delay = 0]) => delay);
      expect(delays.length).toBeGreaterThan(0);
      for (const delay of delays) expect([delay > 0, delay < 350_000]).toEqual([true, true]);
    } finally {
      alive.mockRestore();
    }
  });
});
