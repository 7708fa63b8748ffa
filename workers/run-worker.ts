import { DefaultLogger, Runtime } from '@temporalio/worker';
import { readEnvironment } from '../definitions/installation-environment.ts';
import { readTemporalEnvironment } from '../definitions/temporal-environment.ts';
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
  const worker = await openWorker({ environment, temporal, env });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    report('worker stops: it finishes what is in flight');
    worker.stop();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  report(
    `worker of installation ${environment.installation} polls ${environment.taskQueue} at ${temporal.connectionOptions.address}`,
  );
  await worker.run();
  report('worker has stopped');
}

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
