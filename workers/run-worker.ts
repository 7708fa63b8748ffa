import { DefaultLogger, GracefulShutdownPeriodExpiredError, Runtime } from '@temporalio/worker';
import { readEnvironment } from '../definitions/installation-environment.ts';
import { readTemporalEnvironment } from '../definitions/temporal-environment.ts';
import { readWorkerSettings, type WorkerSettings } from '../definitions/worker-environment.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { openWorker } from './open-worker.ts';

/** The worker process: works until SIGTERM or SIGINT, then finishes what is in flight and leaves. */
export async function runWorker(env: NodeJS.ProcessEnv, report: (line: string) => void): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, timestampNanos, meta }) => {
      const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
      report(`${at} ${level} ${message} ${JSON.stringify(withoutErrorText(meta))}`);
    }),
    shutdownSignals: [],
  });
  const environment = readEnvironment(env);
  const temporal = readTemporalEnvironment(env);
  const settings = readWorkerSettings(env);
  const worker = await openWorker({ environment, temporal, env, settings, report });
  let signals = 0;
  const stop = (): void => {
    signals += 1;
    if (signals === 1) report('worker stops: it finishes what is in flight');
    if (signals === 2) report('worker stops now: others go on with what is in flight');
    worker.stop();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  report(
    `worker of installation ${environment.installation} polls ${environment.taskQueue} at ${temporal.connectionOptions.address}${described(settings)}`,
  );
  try {
    await worker.run();
  } catch (error) {
    if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
    throw new BackhaulError('worker_stopped', '', { cause: error });
  }
  report('worker has stopped');
  if (worker.hasGivenUp()) process.exit();
}

const described = ({ deployment, roles }: WorkerSettings): string =>
  [
    ...(roles === null ? [] : [`, for ${roles.join(' and ')}`]),
    ...(deployment === null ? [] : [`, as build ${deployment.buildId} of ${deployment.deploymentName}`]),
  ].join('');

/** Errors are logged by type and message, which hold no values; stacks of foreign errors might. */
function withoutErrorText(meta: Record<string, unknown> | undefined): Record<string, unknown> {
  const entries = Object.entries(meta ?? {}).filter(([name]) => !name.startsWith('sdk'));
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      value instanceof Error ? `${(value as { type?: string }).type ?? value.name}: ${value.message}` : value,
    ]),
  );
}
