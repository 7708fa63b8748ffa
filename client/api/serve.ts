import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { openConnection } from '../environment.ts';
import { openServer } from './server.ts';

/** The API's process: answers until SIGTERM or SIGINT, then finishes what was asked and leaves. Runs are on the workers. */
export async function serve(env: NodeJS.ProcessEnv, report: (line: string) => void): Promise<void> {
  const { close, environment, ...connection } = await openConnection(env);
  try {
    const app = await openServer({
      connection,
      permissions: { variables: environment.apiVariables, networks: environment.allowedNetworks },
      requestsPerMinute: environment.apiRequestsPerMinute,
      // Addresses of requests may hold more than their route: neither they nor headers are logged.
      logger: pino({
        level: 'warn',
        serializers: { req: ({ id, method }: { id: string; method: string }) => ({ id, method }) },
      }),
    });
    const stopped = new AbortController();
    const stop = (): void => stopped.abort();
    process.on('SIGTERM', stop).on('SIGINT', stop);
    await app
      .listen({ host: environment.host, port: environment.port })
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE' && error.code !== 'EADDRNOTAVAIL' && error.code !== 'EACCES')
          throw error;
        throw new BackhaulError('usage', `${environment.host}, port ${environment.port}: ${error.code}`, {
          action: 'Set BACKHAUL_HOST and BACKHAUL_PORT to where it may listen.',
        });
      });
    const { address, family, port } = app.server.address() as AddressInfo;
    report(`the HTTP API listens at http://${family === 'IPv6' ? `[${address}]` : address}:${port}`);
    if (!stopped.signal.aborted) await once(stopped.signal, 'abort');
    report('the HTTP API stops: it finishes what was asked');
    await app.close();
    report('the HTTP API has stopped');
  } finally {
    await close();
  }
}
