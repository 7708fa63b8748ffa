import { Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Environment } from '../../definitions/installation-environment.ts';
import { openMetrics, type Metrics } from '../../telemetry/metrics.ts';
import { openLog } from '../../telemetry/open-log.ts';
import { startTelemetry, type Telemetry } from '../../telemetry/start-telemetry.ts';
import { installRuntime, type MetricsSource } from './install-runtime.ts';

/** What a worker tells of itself, and where. */
export interface WorkerTelemetry {
  log: Logger;
  metrics: Metrics;
  /** Where the metrics of this process can be read from this machine. */
  metricsSource: MetricsSource;
  traces: Telemetry['traces'];
  /** Sends what is left. Once the worker has stopped. */
  close(): Promise<void>;
}

/** Before any connection to Temporal is made: the runtime that is installed here is the one that they use. */
export async function openWorkerTelemetry(
  environment: Environment,
  env: NodeJS.ProcessEnv,
): Promise<WorkerTelemetry> {
  const telemetry = await startTelemetry(env, {
    process: 'worker',
    installation: environment.installation,
    onFault: () => log.warn('traces or logs could not be exported by OTLP'),
  });
  const log = openLog(environment, 'worker', telemetry.logStream === null ? [] : [telemetry.logStream]);
  const metricsSource = await installRuntime({
    log,
    logLevel: environment.logLevel,
    telemetry,
    env,
    serves: environment.workerPort !== undefined,
  });
  const runtime = Runtime.instance();
  return {
    log,
    metrics: openMetrics(runtime.metricMeter),
    metricsSource,
    traces: telemetry.traces,
    async close() {
      // Core's last lines and metrics first: the lines are exported with the rest.
      await runtime.shutdown();
      await telemetry.close();
    },
  };
}
