import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { asyncContext } from './async-context.ts';
import { traceContextPropagator } from './trace-context.ts';

export interface TraceExport {
  resource: Resource;
  spanProcessor: SpanProcessor;
  close(): Promise<void>;
}

/** From here on spans of this process are sent to `url`. Headers, time-outs and sampling are as OTEL_* say. */
export function exportTraces(url: string, attributes: Record<string, string>): TraceExport {
  const resource = new Resource(attributes);
  const spanProcessor = new BatchSpanProcessor(new OTLPTraceExporter({ url }));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [spanProcessor] });
  provider.register({ contextManager: asyncContext(), propagator: traceContextPropagator });
  return { resource, spanProcessor, close: () => provider.shutdown() };
}
