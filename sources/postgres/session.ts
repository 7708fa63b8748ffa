import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import type { ResolvedPostgresConnection } from '../../definitions/postgres-connection.ts';
import { durationMs } from '../../definitions/duration.ts';
import { systemCode } from '../../definitions/system-code.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

const CONNECT_TIMEOUT_MS = 15_000;

/** All that shapes the text of a value, and how soon a query ends whose reader is gone. */
const CANONICAL = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmloption: 'content',
  client_connection_check_interval: '5s',
};

/**
 * A session in a read-only transaction that sees one moment of the database, with all that shapes a value's text
 * pinned, so that the same value has the same fingerprint whoever reads it.
 */
export async function openSession(connection: ResolvedPostgresConnection): Promise<pg.Client> {
  const session = await connect(connection);
  // A connection that breaks is reported by the query under way.
  session.on('error', () => undefined);
  const { searchPath } = connection;
  try {
    await session.query('begin isolation level repeatable read read only');
    const pinned = {
      ...CANONICAL,
      statement_timeout: String(durationMs(connection.statementTimeout)),
      ...(searchPath === undefined ? {} : { search_path: searchPath }),
    };
    // A setting that this version of PostgreSQL does not have is left out.
    await session.query(
      `select set_config(pin.name, value, true) from unnest($1::text[], $2::text[]) as pin (name, value)
       where exists (select 1 from pg_settings where lower(pg_settings.name) = lower(pin.name))`,
      [Object.keys(pinned), Object.values(pinned)],
    );
    return session;
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  }
}

/** TLS as libpq's sslmode means it: https://www.postgresql.org/docs/current/libpq-ssl.html */
async function connect(connection: ResolvedPostgresConnection): Promise<pg.Client> {
  const url = connection.url === undefined ? undefined : new URL(connection.url);
  const mode = connection.sslmode ?? url?.searchParams.get('sslmode') ?? 'prefer';
  const root = connection.sslrootcert ?? url?.searchParams.get('sslrootcert') ?? undefined;
  for (const name of ['sslmode', 'sslrootcert']) url?.searchParams.delete(name);
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
      ssl,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
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
  const ca = root === undefined || root === 'system' ? undefined : rootCertificate(root);
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

function rootCertificate(root: string): string {
  if (root.includes('-----BEGIN')) return root;
  try {
    return readFileSync(root, 'utf8');
  } catch (error) {
    const code = systemCode(error) ?? 'no reason given';
    throw new BackhaulError('source_tls', `sslrootcert cannot be read (${code})`, { cause: error });
  }
}

/** pg says so in words only: the server answered the request for TLS with a no. */
export const refusesTls = (error: unknown): boolean =>
  error instanceof Error && error.message === 'The server does not support SSL connections';
