import { connect as createSocket, isIP } from 'node:net';
import { createConnection, type Connection, type SslOptions } from 'mysql2';
import { guardedSocket } from '../../definitions/reach.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { pemOf } from '../pem.ts';
import type { Address } from './address.ts';

const CONNECT_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_AFTER_MS = 60_000;
/** mysql2's name for a server that was asked for TLS and has none. */
export const NO_TLS = 'HANDSHAKE_NO_SSL_SUPPORT';

interface Options {
  signal?: AbortSignal;
  /** The address to connect to, instead of asking for the name's. */
  peer?: string;
}

/**
 * A connection with TLS as MySQL's `--ssl-mode` means it:
 * https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode
 */
export function connect(address: Address, options: Options): Promise<Connection> {
  const ca = address.sslrootcert === undefined ? {} : { ca: pemOf('sslrootcert', address.sslrootcert) };
  const attempt = (ssl: SslOptions | undefined): Promise<Connection> => connectOnce(address, ssl, options);
  switch (address.sslmode) {
    case 'disabled':
      return attempt(undefined);
    case 'preferred':
      return attempt({ rejectUnauthorized: false }).catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== NO_TLS) throw error;
        return attempt(undefined);
      });
    case 'required':
      return attempt({ rejectUnauthorized: false });
    case 'verify_ca':
      return attempt({ ...ca, rejectUnauthorized: true, verifyIdentity: false });
    case 'verify_identity':
      // For an address mysql2 would have the certificate checked for the name "localhost".
      if (isIP(address.host) !== 0) {
        throw new BackhaulError('source_tls', 'sslmode verify_identity takes a host by its name');
      }
      return attempt({ ...ca, rejectUnauthorized: true, verifyIdentity: true });
  }
}

function connectOnce(
  address: Address,
  ssl: SslOptions | undefined,
  { peer, signal }: Options,
): Promise<Connection> {
  const { database, host, mayReach, password, port, user } = address;
  const connection = createConnection({
    host,
    port,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    ...(ssl !== undefined && { ssl }),
    charset: 'utf8mb4',
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A server that is gone without a word, or a gateway that forgets a quiet connection, would be waited for.
    keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    ...streamTo({ mayReach, peer, port, host }),
    connectAttributes: { program_name: 'backhaul' },
    // A server could ask for any file of the worker otherwise.
    flags: ['-LOCAL_FILES'],
    multipleStatements: false,
  });
  return new Promise((resolve, reject) => {
    const giveUp = (error: Error): void => {
      signal?.removeEventListener('abort', onAbort);
      connection.destroy();
      reject(error);
    };
    const onAbort = (): void => giveUp(new BackhaulError('run_cancelled'));
    signal?.addEventListener('abort', onAbort, { once: true });
    connection.once('connect', () => {
      signal?.removeEventListener('abort', onAbort);
      connection.removeListener('error', giveUp);
      resolve(connection);
    });
    connection.on('error', giveUp);
  });
}

/** A socket of ours where the client's own would go wherever the name leads; nothing where that may be. */
function streamTo({ host, mayReach, peer, port }: Pick<Address, 'host' | 'mayReach' | 'port'> & Options) {
  const address = peer ?? host;
  if (mayReach !== undefined) return { stream: () => guardedSocket(mayReach).connect(port, address) };
  return peer === undefined ? {} : { stream: () => createSocket(port, peer) };
}
