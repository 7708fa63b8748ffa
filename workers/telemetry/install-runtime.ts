import { Runtime, type MetricsExporterConfig, type RuntimeOptions } from '@temporalio/worker';
import getPort from 'get-port';
import type { Logger } from 'pino';
import type { LogLevel } from '../../definitions/installation-environment.ts';
import { histogramBuckets } from '../../telemetry/metrics.ts';
import { readPairs } from '../../telemetry/otel-environment.ts';
import type { Telemetry } from '../../telemetry/start-telemetry.ts';
import { temporalLogger } from './temporal-logger.ts';

/** Where the metrics of the process can be read; null: they go by OTLP, or nowhere. */
export type MetricsSource = string | null;

export interface RuntimeTelemetry {
  log: Logger;
  logLevel: LogLevel;
  telemetry: Telemetry;
  env: NodeJS.ProcessEnv;
  /** Whether somebody may come for the metrics (BACKHAUL_WORKER_PORT). */
  serves: boolean;
}

const LOOPBACK = '127.0.0.1';
/** The port may be taken between the look at it and its use. */
const MAX_ATTEMPTS = 3;

/**
 * Installs Temporal's runtime, once a process and before any connection: its log is ours, and its core exports its metrics and ours.
 * It knows one way out at a time, so with OTLP there is nothing to read.
 */
export async function installRuntime(options: RuntimeTelemetry): Promise<MetricsSource> {
  const otlp = otlpMetrics(options);
  if (otlp !== null || !options.serves) {
    install(options, otlp);
    return null;
  }
  for (let attempt = 1; ; attempt++) {
    // Core's server has no other pages: the worker's own stands before it.
    const bindAddress = `${LOOPBACK}:${await getPort({ host: LOOPBACK })}`;
    try {
      install(options, { attachServiceName: false, prometheus: { bindAddress, ...prometheus() } });
      return `http://${bindAddress}/metrics`;
    } catch (error) {
      if (attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

function install({ log, logLevel }: RuntimeTelemetry, metrics: MetricsExporterConfig | null): void {
  const options: RuntimeOptions = {
    logger: temporalLogger(log, logLevel),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metrics !== null && { metrics }),
    },
  };
  Runtime.install(options);
}

const prometheus = () => ({
  countersTotalSuffix: true,
  unitSuffix: true,
  useSecondsForDurations: true,
  histogramBucketOverrides: histogramBuckets(),
});

function otlpMetrics({ env, telemetry }: RuntimeTelemetry): MetricsExporterConfig | null {
  const { metrics } = telemetry.otel;
  if (metrics === null) return null;
  return {
    attachServiceName: false,
    globalTags: telemetry.attributes,
    otel: {
      url: metrics.url,
      http: metrics.protocol !== 'grpc',
      headers: {
        ...readPairs(env.OTEL_EXPORTER_OTLP_HEADERS),
        ...readPairs(env.OTEL_EXPORTER_OTLP_METRICS_HEADERS),
      },
      metricsExportInterval: metrics.intervalMs,
      temporality: metrics.temporality,
      useSecondsForDurations: true,
      histogramBucketOverrides: histogramBuckets(),
    },
  };
}
