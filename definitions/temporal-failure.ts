import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { GRPC, grpcStatus } from './grpc-status.ts';
import type { TemporalEnvironment } from './temporal-environment.ts';

const PROBE_TIMEOUT_MS = 5000;
const DEFAULT_PORT = 7233;

/**
 * Why Temporal could not be used, as one of Backhaul's errors. Of gRPC's errors the status decides; one that says no more than
 * "unavailable" has the reason in its text only, so the address is tried once more, for the code that TLS or the network gives.
 */
export async function temporalFailure(temporal: TemporalEnvironment, error: unknown): Promise<BackhaulError> {
  if (error instanceof BackhaulError) return error;
  const { connectionOptions, namespace } = temporal;
  const { address } = connectionOptions;
  const cause = error;
  switch (grpcStatus(error)) {
    case GRPC.UNAUTHENTICATED:
    case GRPC.PERMISSION_DENIED:
      return new BackhaulError('temporal_unauthorized', `${address}, namespace ${namespace}`, { cause });
    case GRPC.NOT_FOUND:
      return new BackhaulError('temporal_namespace_missing', `${address}, namespace ${namespace}`, { cause });
    case GRPC.UNIMPLEMENTED:
      return new BackhaulError('temporal_too_old', address, { cause });
    default:
      break;
  }
  const probed = await probe(temporal);
  if (probed !== null && isOfTls(probed)) {
    return new BackhaulError('temporal_tls', `${address}, ${probed}`, { cause });
  }
  return new BackhaulError('temporal_unreachable', probed === null ? address : `${address}, ${probed}`, {
    cause,
  });
}

const NETWORK_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['ETIMEDOUT', 'EPIPE', 'ERR_INVALID_URL', 'ERR_INVALID_ARG_VALUE', 'ERR_SOCKET_BAD_PORT', 'NO_ANSWER'],
]);

/** What is no code of the network is one of OpenSSL's checks, such as CERT_HAS_EXPIRED. */
const isOfTls = (code: string): boolean => !NETWORK_CODES.has(code);

/** What a client of HTTP/2 says first, with an empty frame of settings: RFC 9113, section 3.4. */
const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** Begins a connection as gRPC does. @returns the code of what failed; null when the server answered */
function probe({ connectionOptions }: TemporalEnvironment): Promise<string | null> {
  return new Promise((resolve) => {
    let socket: Socket;
    try {
      socket = open(connectionOptions);
    } catch (error) {
      return resolve((error as NodeJS.ErrnoException).code ?? 'ERR_INVALID_ARG_VALUE');
    }
    const settle = (code: string | null): void => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle('NO_ANSWER'));
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.name));
    socket.on('end', () => settle('ECONNRESET'));
    // With TLS 1.3 a server refuses a client's certificate only after the handshake, so its first bytes are waited for.
    socket.on('data', () => settle(null));
    socket.write(PREFACE);
  });
}

function open({ address, apiKey, tls }: TemporalEnvironment['connectionOptions']): Socket {
  const { hostname, port } = new URL(`http://${address}`);
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? DEFAULT_PORT : Number(port) };
  // Without a word on TLS an API key turns it on, as in the SDK.
  const encrypted = tls === undefined || tls === null ? apiKey !== undefined : tls !== false;
  if (!encrypted) return connectPlain(at);
  const given = typeof tls === 'object' && tls !== null ? tls : {};
  return connectTls({
    ...at,
    ALPNProtocols: ['h2'],
    servername: given.serverNameOverride ?? at.host,
    ...(given.serverRootCACertificate && { ca: Buffer.from(given.serverRootCACertificate) }),
    ...(given.clientCertPair && {
      cert: Buffer.from(given.clientCertPair.crt),
      key: Buffer.from(given.clientCertPair.key),
    }),
  });
}
