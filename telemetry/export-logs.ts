import { context, trace, TraceFlags } from '@opentelemetry/api';
import { SeverityNumber, type AnyValueMap } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { DestinationStream } from 'pino';

export interface LogExport {
  stream: DestinationStream;
  close(): Promise<void>;
}

/** As telemetry/log-options.ts has it. */
type Line = AnyValueMap & { level: string; time: string; message?: string };

const severities: Record<string, SeverityNumber> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/** Sends the lines of a log to `url`: what is in the log and nothing else, so what is redacted there is not sent. */
export function exportLogs(url: string, attributes: Record<string, string>): LogExport {
  const provider = new LoggerProvider({ resource: new Resource(attributes) });
  provider.addLogRecordProcessor(new BatchLogRecordProcessor(new OTLPLogExporter({ url })));
  const logger = provider.getLogger('backhaul');
  return {
    stream: {
      write(line) {
        const { level, message, time, trace_id, span_id, ...attributes } = JSON.parse(line) as Line;
        const severityNumber = severities[level];
        logger.emit({
          timestamp: new Date(time),
          severityText: level,
          ...(severityNumber !== undefined && { severityNumber }),
          body: message ?? '',
          attributes,
          context: contextOf(trace_id, span_id),
        });
      },
    },
    close: () => provider.shutdown(),
  };
}

/** A line of Temporal's comes a moment later, out of its span, whose ids it then has in its fields. */
function contextOf(traceId: unknown, spanId: unknown) {
  const active = context.active();
  return typeof traceId === 'string' && typeof spanId === 'string'
    ? trace.setSpanContext(active, { traceId, spanId, traceFlags: TraceFlags.SAMPLED })
    : active;
}
