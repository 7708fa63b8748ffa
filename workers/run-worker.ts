import { setTimeout as delay } from 'node:timers/promises';
import { readEnvironment } from '../definitions/installation-environment.ts';
import { readTemporalEnvironment } from '../definitions/temporal-environment.ts';
import { readWorkerSettings, type WorkerSettings } from '../definitions/worker-environment.ts';
import { openWorker } from './open-worker.ts';
import { openWorkerTelemetry } from './telemetry/open-worker-telemetry.ts';

/** What is left to tell is told in this time, or not at all. */
const LAST_WORDS_MS = 10_000;

/**
 * The worker process: works until SIGTERM or SIGINT, then finishes what is in flight and leaves. Whoever calls it ends the process:
 * what was given up goes on until then.
 */
export async function runWorker(env: NodeJS.ProcessEnv): Promise<void> {
  const environment = readEnvironment(env);
  const temporal = readTemporalEnvironment(env);
  const settings = readWorkerSettings(env);
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
      log.info('worker has stopped');
    } catch (error) {
      if (worker.hasGivenUp())
        log.warn('worker has stopped: a step did not end in time, and others begin it anew');
      throw error;
    }
  } finally {
    await Promise.race([telemetry.close(), delay(LAST_WORDS_MS, undefined, { ref: false })]);
  }
}

const described = ({ deployment, roles }: WorkerSettings): string =>
  [
    ...(roles === null ? [] : [`, for ${roles.join(' and ')}`]),
    ...(deployment === null ? [] : [`, as build ${deployment.buildId} of ${deployment.deploymentName}`]),
  ].join('');
