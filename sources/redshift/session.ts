import type pg from 'pg';
import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import type { Reaching } from '../../definitions/reach.ts';
import { connect, type PostgresAddress, type SslMode } from '../postgres/connect.ts';
import type { DatabaseLogin } from './iam-password.ts';
import { pinnedSettings } from './settings.ts';

const DEFAULT_PORT = 5439;

/** Values as the server writes them: pg would make numbers and dates of them. */
const AS_TEXT: pg.CustomTypesConfig = { getTypeParser: () => (text: string) => text };

export type Rows = pg.QueryArrayResult<(string | null)[]>;

/**
 * One statement, values as text. By the extended protocol, in which a server takes no second statement after the first.
 */
export async function ask(session: pg.ClientBase, text: string): Promise<Rows> {
  const query = { text, rowMode: 'array', types: AS_TEXT, queryMode: 'extended' } as const;
  return session.query<(string | null)[]>(query);
}

/** A session with everything pinned, in no transaction yet. */
export async function openRedshiftSession(
  connection: ResolvedRedshiftConnection,
  login: (() => Promise<DatabaseLogin>) | null,
): Promise<pg.Client> {
  const session = await connect(addressOf(connection, login === null ? null : await login()), 'verify-full');
  // A connection that breaks is reported by the query under way.
  session.on('error', () => undefined);
  try {
    for (const statement of pinnedSettings(connection)) await session.query(statement);
    return session;
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  }
}

function addressOf(connection: ResolvedRedshiftConnection, login: DatabaseLogin | null): PostgresAddress {
  const { mayReach, sslmode, sslrootcert } = connection;
  const reaching: Reaching = mayReach === undefined ? {} : { mayReach };
  const url = urlOf(connection);
  if (url === null) return { ...connection, port: connection.port ?? DEFAULT_PORT, ...login };
  if (login === null) return { ...reaching, url: url.href, sslmode, sslrootcert };
  // In parts: what else a URL may say, such as another host, must not get the password.
  return {
    ...reaching,
    ...hostOf(connection),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...login,
    sslmode: sslmode ?? (url.searchParams.get('sslmode') as SslMode | null) ?? undefined,
    sslrootcert: sslrootcert ?? url.searchParams.get('sslrootcert') ?? undefined,
  };
}

/** Where a connection leads, as long as its URL says nothing else in a parameter. */
export function hostOf(connection: ResolvedRedshiftConnection): { host: string; port: number } {
  const url = urlOf(connection);
  return url === null
    ? { host: connection.host ?? '', port: connection.port ?? DEFAULT_PORT }
    : { host: decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, '$1'), port: Number(url.port) };
}

function urlOf({ url }: ResolvedRedshiftConnection): URL | null {
  if (url === undefined) return null;
  const named = new URL(url.replace(/^redshift:/, 'postgres:'));
  if (named.port === '') named.port = String(DEFAULT_PORT);
  return named;
}
