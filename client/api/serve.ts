import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import { openLog } from '../../telemetry/open-log.ts';
import { startTelemetry } from '../../telemetry/start-telemetry.ts';
import { openConnection } from '../environment.ts';
import { openServer } from './server.ts';

/** The API's process: answers until SIGTERM or SIGINT, then finishes what was asked and leaves. Runs are on the workers. */
export async function serve(
  env: NodeJS.ProcessEnv,
  onListening: () => Promise<void> = async () => undefined,
): Promise<void> {
  const own = readEnvironment(env);
  // Before the connection to Temporal, which carries traces on.
  const telemetry = await startTelemetry(env, {
    process: 'serve',
    installation: own.installation,
    onFault: () => log.warn('traces or logs could not be exported by OTLP'),
  });
  const log = openLog(own, 'serve', telemetry.logStream === null ? [] : [telemetry.logStream]);
  try {
    await answer(env, log, onListening);
  } finally {
    await telemetry.close();
  }
}

async function answer(env: NodeJS.ProcessEnv, log: Logger, onListening: () => Promise<void>): Promise<void> {
  const { close, environment, ...connection } = await openConnection(env);
  const report = (line: string): void => log.info(line);
  try {
    const app = await openServer({
      connection,
      permissions: {
        variables: environment.apiVariables,
        networks: environment.allowedNetworks,
        workerIdentity: environment.apiWorkerIdentity,
      },
      requestsPerMinute: environment.apiRequestsPerMinute,
      // A line for each request is for who looks for something.
      logger: log.child({}, { level: environment.logLevel === 'debug' ? 'debug' : 'warn' }),
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
    await onListening();
    if (!stopped.signal.aborted) await once(stopped.signal, 'abort');
    report('the HTTP API stops: it finishes what was asked');
    await app.close();
    report('the HTTP API has stopped');
  } finally {
    await close();
  }
}
