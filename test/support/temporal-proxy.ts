import {
  connect,
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface ProxyOptions {
  /** Where Temporal is, without TLS. */
  target: string;
  /** With them it speaks TLS only; with `ca` it demands a certificate that this one has signed. */
  tls?: { cert: string; key: string; ca?: string };
  /** What callers have to send as `authorization`; else they are refused. */
  authorization?: string;
  /** Methods that nobody may call, such as `/temporal.api.operatorservice.v1.OperatorService/`. */
  forbidden?: string;
}

const GRPC = { ':status': 200, 'content-type': 'application/grpc' };
const PERMISSION_DENIED = '7';
const UNAUTHENTICATED = '16';

/** Stands before a Temporal as Temporal Cloud or a locked-down cluster does: every call goes on to the real one, or is refused. */
export async function startTemporalProxy(options: ProxyOptions): Promise<{ address: string; close(): void }> {
  const { authorization, forbidden, target, tls } = options;
  const upstream = connect(`http://${target}`);
  upstream.on('error', () => undefined);
  const sessions = new Set<{ destroy(): void }>();
  const server: Http2Server =
    tls === undefined
      ? createServer()
      : createSecureServer({
          ...tls,
          requestCert: tls.ca !== undefined,
          rejectUnauthorized: tls.ca !== undefined,
        });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    const refuse = (status: string): void =>
      stream.respond({ ...GRPC, 'grpc-status': status }, { endStream: true });
    if (authorization !== undefined && headers.authorization !== authorization)
      return refuse(UNAUTHENTICATED);
    if (forbidden !== undefined && headers[':path']?.startsWith(forbidden)) return refuse(PERMISSION_DENIED);
    forward(stream, headers);
  });

  function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const call = upstream.request({ ...headers, ':scheme': 'http', ':authority': target });
    call.on('error', () => stream.close());
    stream.on('close', () => call.close());
    call.on('response', (answer, flags) => {
      const ended = (flags & 1) !== 0;
      if (ended) return stream.respond(answer, { endStream: true });
      stream.respond(answer, { waitForTrailers: true });
      let trailers: IncomingHttpHeaders = {};
      call.on('trailers', (given: IncomingHttpHeaders) => {
        trailers = given;
      });
      stream.on('wantTrailers', () => stream.sendTrailers(withoutPseudo(trailers)));
      call.pipe(stream);
    });
    stream.pipe(call);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    close() {
      sessions.forEach((session) => session.destroy());
      upstream.destroy();
      server.close();
    },
  };
}

function withoutPseudo(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const real: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(':')) real[name] = value;
  }
  return real;
}
