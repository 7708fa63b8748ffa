import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import type { sslmodes } from '../../definitions/postgres-connection.ts';
import { systemCode } from '../../definitions/system-code.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

const CONNECT_TIMEOUT_MS = 15_000;

export type SslMode = (typeof sslmodes)[number];

/** Where a server is that speaks PostgreSQL's protocol: a URL, or its parts. */
export interface PostgresAddress {
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
  const url = connection.url === undefined ? undefined : new URL(connection.url);
  const mode = connection.sslmode ?? url?.searchParams.get('sslmode') ?? defaultMode;
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
