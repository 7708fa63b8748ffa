import { GracefulShutdownPeriodExpiredError } from '@temporalio/worker';
import { readEnvironment } from '../definitions/installation-environment.ts';
import { readTemporalEnvironment } from '../definitions/temporal-environment.ts';
import { readWorkerSettings, type WorkerSettings } from '../definitions/worker-environment.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { openWorker } from './open-worker.ts';
import { openWorkerTelemetry } from './telemetry/open-worker-telemetry.ts';

/** The worker process: works until SIGTERM or SIGINT, then finishes what is in flight and leaves. */
export async function runWorker(env: NodeJS.ProcessEnv): Promise<void> {
  const environment = readEnvironment(env);
  const temporal = readTemporalEnvironment(env);
  const settings = readWorkerSettings(env);
  let leaving = false;
  const telemetry = await openWorkerTelemetry(environment, env);
  const { log } = telemetry;
  try {
    const worker = await openWorker({ environment, temporal, env, telemetry, settings });
    let signals = 0;
    const stop = (): void => {
      signals += 1;
      if (signals === 1) log.info('worker stops: it finishes what is in flight');
      if (signals === 2) log.warn('worker stops now: others go on with what is in flight');
      worker.stop();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    log.info(
      `worker of installation ${environment.installation} polls ${environment.taskQueue} at ${temporal.connectionOptions.address}${described(settings)}`,
    );
    try {
      await worker.run();
    } catch (error) {
      if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
      throw new BackhaulError('worker_stopped', '', { cause: error });
    }
    log.info('worker has stopped');
    leaving = worker.hasGivenUp();
  } finally {
    await telemetry.close();
  }
  // What was given up goes on until the process ends.
  if (leaving) process.exit();
}

const described = ({ deployment, roles }: WorkerSettings): string =>
  [
    ...(roles === null ? [] : [`, for ${roles.join(' and ')}`]),
    ...(deployment === null ? [] : [`, as build ${deployment.buildId} of ${deployment.deploymentName}`]),
  ].join('');
