import { diag, DiagLogLevel } from '@opentelemetry/api';
import type { DestinationStream } from 'pino';
import type { TraceExport } from './export-traces.ts';
import { readOtelEnvironment, type OtelEnvironment } from './otel-environment.ts';
import { resourceAttributes, type ExportingProcess } from './resource-attributes.ts';

/** What OTEL_* of a process's environment asked for. */
export interface Telemetry {
  otel: OtelEnvironment;
  /** Who sends, as resource attributes have it. */
  attributes: Record<string, string>;
  traces: TraceExport | null;
  /** Gets the lines of the log; null: they are not exported. */
  logStream: DestinationStream | null;
  /** Sends what is left, for a moment at most. */
  close(): Promise<void>;
}

export interface TelemetryOptions {
  process: ExportingProcess;
  installation: string;
  /** Told, at most once a minute, that something could not be exported. */
  onFault: () => void;
}

const LONGEST_FLUSH_MS = 3000;
const REPORT_INTERVAL_MS = 60_000;

/**
 * Exports traces and logs of this process by OTLP, where the standard variables of OpenTelemetry name an address. Without them it
 * loads nothing, and nothing leaves.
 */
export async function startTelemetry(env: NodeJS.ProcessEnv, options: TelemetryOptions): Promise<Telemetry> {
  const otel = readOtelEnvironment(env);
  const attributes = resourceAttributes(env, options.process, options.installation);
  if (otel.traces !== null || otel.logs !== null) reportFaults(options.onFault);
  const traces =
    otel.traces && (await import('./export-traces.ts')).exportTraces(otel.traces.url, attributes);
  const logs = otel.logs && (await import('./export-logs.ts')).exportLogs(otel.logs.url, attributes);
  return {
    otel,
    attributes,
    traces,
    logStream: logs?.stream ?? null,
    async close() {
      const closed = Promise.allSettled([traces?.close(), logs?.close()]);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, LONGEST_FLUSH_MS)));
      await Promise.race([closed, late]);
      clearTimeout(timer);
    },
  };
}

/** What the exporters say is left out: it may hold what a receiver answered. */
function reportFaults(onFault: () => void): void {
  let reportedAt = -Infinity;
  const fault = (): void => {
    if (performance.now() - reportedAt < REPORT_INTERVAL_MS) return;
    reportedAt = performance.now();
    onFault();
  };
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: fault, warn: ignore, info: ignore, debug: ignore, verbose: ignore },
    DiagLogLevel.ERROR,
  );
}
