import { readEnvironment } from '../definitions/installation-environment.ts';
import { readTemporalEnvironment } from '../definitions/temporal-environment.ts';
import { openWorker } from './open-worker.ts';
import { openWorkerTelemetry } from './telemetry/open-worker-telemetry.ts';

/** The worker process: works until SIGTERM or SIGINT, then finishes what is in flight and leaves. */
export async function runWorker(env: NodeJS.ProcessEnv): Promise<void> {
  const environment = readEnvironment(env);
  const temporal = readTemporalEnvironment(env);
  const telemetry = await openWorkerTelemetry(environment, env);
  const { log } = telemetry;
  try {
    const worker = await openWorker({ environment, temporal, env, telemetry });
    let stopping = false;
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      log.info('worker stops: it finishes what is in flight');
      worker.stop();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    log.info(
      `worker of installation ${environment.installation} polls ${environment.taskQueue} at ${temporal.connectionOptions.address}`,
    );
    await worker.run();
    log.info('worker has stopped');
  } finally {
    await telemetry.close();
  }
}
