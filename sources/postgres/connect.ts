import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import type { sslmodes } from '../../definitions/postgres-connection.ts';
import { guardedSocket, type Reaching } from '../../definitions/reach.ts';
import { pemOf } from '../pem.ts';

const CONNECT_TIMEOUT_MS = 15_000;
/**
 * A query may be silent for an hour. Sooner than the idle timeout of what lies between (a NAT gateway of AWS: 350 s), so that
 * the connection stays, and so that one that is gone is noticed.
 */
const KEEP_ALIVE_MS = 30_000;

export type SslMode = (typeof sslmodes)[number];

/** Where a server is that speaks PostgreSQL's protocol: a URL, or its parts. */
export interface PostgresAddress extends Reaching {
  url?: string | undefined;
  host?: string | undefined;
  port?: number | undefined;
  database?: string | undefined;
  user?: string | undefined;
  password?: string | undefined;
  sslmode?: SslMode | undefined;
  sslrootcert?: string | undefined;
}

/** TLS as libpq's sslmode means it: https://www.postgresql.org/docs/current/libpq-ssl.html */
export async function connect(connection: PostgresAddress, defaultMode: SslMode): Promise<pg.Client> {
  const { mayReach } = connection;
  const url = connection.url === undefined ? undefined : new URL(connection.url);
  const { root, mode, identity } = tlsOf(connection, url?.searchParams, defaultMode);
  // What pg finds there of TLS would replace all that is decided here.
  for (const name of TLS_PARAMETERS) url?.searchParams.delete(name);
  const attempt = async (ssl: ConnectionOptions | false): Promise<pg.Client> => {
    const client = new pg.Client({
      ...(url === undefined
        ? {
            host: connection.host,
            port: connection.port,
            database: connection.database,
            user: connection.user,
            password: connection.password,
          }
        : { connectionString: url.href }),
      ssl: ssl === false ? false : { ...identity, ...ssl },
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      ...(mayReach !== undefined && { stream: () => guardedSocket(mayReach) }),
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      application_name: 'backhaul',
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  };
  const ca = root === undefined || root === 'system' ? undefined : pemOf('sslrootcert', root);
  const unverified: ConnectionOptions = { rejectUnauthorized: false };
  switch (mode) {
    case 'disable':
      return attempt(false);
    case 'allow':
      return attempt(false).catch(() => attempt(unverified));
    case 'prefer':
      return attempt(unverified).catch((error: unknown) => {
        if (!refusesTls(error)) throw error;
        return attempt(false);
      });
    case 'require':
      return attempt(ca === undefined ? unverified : { ca, checkServerIdentity: () => undefined });
    case 'verify-ca':
      return attempt({ ...(ca !== undefined && { ca }), checkServerIdentity: () => undefined });
    default:
      return attempt({ ...(ca !== undefined && { ca }) });
  }
}

const TLS_PARAMETERS = [
  'ssl',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
  'uselibpqcompat',
];

function tlsOf(connection: PostgresAddress, named: URLSearchParams | undefined, defaultMode: SslMode) {
  // As libpq takes the `ssl=true` of other drivers; it makes nothing weaker.
  const implied =
    /^(true|1)$/.test(named?.get('ssl') ?? '') && defaultMode === 'prefer' ? 'require' : defaultMode;
  const identity: ConnectionOptions = {};
  for (const [name, option] of [
    ['sslcert', 'cert'],
    ['sslkey', 'key'],
  ] as const) {
    const file = named?.get(name);
    if (file !== undefined && file !== null) identity[option] = pemOf(name, file);
  }
  return {
    mode: connection.sslmode ?? named?.get('sslmode') ?? implied,
    root: connection.sslrootcert ?? named?.get('sslrootcert') ?? undefined,
    identity,
  };
}

/** pg says so in words only: the server answered the request for TLS with a no. */
export const refusesTls = (error: unknown): boolean =>
  error instanceof Error && error.message === 'The server does not support SSL connections';
