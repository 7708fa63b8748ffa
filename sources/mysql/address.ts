import { mysqlSslmodes, type ResolvedMysqlConnection } from '../../definitions/mysql-connection.ts';
import type { Reaching } from '../../definitions/reach.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

export interface Address extends Reaching {
  host: string;
  port: number;
  database: string | undefined;
  user: string | undefined;
  password: string | undefined;
  sslmode: (typeof mysqlSslmodes)[number];
  sslrootcert: string | undefined;
}

const DEFAULT_PORT = 3306;
/** What a URL may say behind its question mark, and how MySQL's own programs call it. */
const SSLMODES = ['sslmode', 'ssl-mode'];
const ROOT_CERTIFICATES = ['sslrootcert', 'ssl-ca'];

/** Where a connection leads, whether it is written as a URL or in parts; the fields win over the URL. */
export function addressOf(name: string, connection: ResolvedMysqlConnection): Address {
  const url = connection.url === undefined ? null : new URL(connection.url);
  const parameters = url?.searchParams ?? new URLSearchParams();
  const parameter = (names: readonly string[]): string | undefined =>
    names.map((one) => parameters.get(one)).find((value) => value !== null) ?? undefined;
  for (const one of parameters.keys()) {
    if (![...SSLMODES, ...ROOT_CERTIFICATES].includes(one))
      throw wrong(name, `its parameter ${one} is not known`);
  }
  const sslrootcert = connection.sslrootcert ?? parameter(ROOT_CERTIFICATES);
  const inUrl = parameter(SSLMODES)?.toLowerCase();
  const sslmode = connection.sslmode ?? mysqlSslmodes.find((mode) => mode === inUrl);
  if (sslmode === undefined && inUrl !== undefined) {
    throw wrong(name, `its ${SSLMODES[0]} is none of ${mysqlSslmodes.join(', ')}`);
  }
  return {
    ...(url === null ? partsOf(connection) : partsOfUrl(name, url)),
    // As MySQL's own programs do: who names an authority wants it asked.
    sslmode: sslmode ?? (sslrootcert === undefined ? 'preferred' : 'verify_ca'),
    sslrootcert,
    ...(connection.mayReach !== undefined && { mayReach: connection.mayReach }),
  };
}

type Parts = Omit<Address, 'sslmode' | 'sslrootcert' | 'mayReach'>;

const partsOf = ({ host, port, database, user, password }: ResolvedMysqlConnection): Parts => ({
  host: host ?? 'localhost',
  port: port ?? DEFAULT_PORT,
  database,
  user,
  password,
});

function partsOfUrl(name: string, url: URL): Parts {
  const decoded = (text: string): string | undefined => {
    try {
      return text === '' ? undefined : decodeURIComponent(text);
    } catch {
      throw wrong(name, 'a % in it does not begin a percent-encoding');
    }
  };
  return {
    // An address of IPv6 stands in brackets in a URL, and nowhere else.
    host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database: decoded(url.pathname.slice(1)),
    user: decoded(url.username),
    password: decoded(url.password),
  };
}

const wrong = (name: string, what: string): BackhaulError =>
  new BackhaulError('definitions_invalid', `connection ${name}, url: ${what}`);
