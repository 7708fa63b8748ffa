import type { WorkerPlugin } from '@temporalio/worker';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { TraceExport } from '../../telemetry/export-traces.ts';
import { observeSteps, type Observing } from './observe-steps.ts';

/** What makes a worker tell of its work: spans by Temporal's own plugin, where traces are exported, and what {@link observeSteps} tells. */
export async function telemetryPlugins(
  traces: TraceExport | null,
  observing: Observing,
): Promise<WorkerPlugin[]> {
  const observer: WorkerPlugin = {
    name: 'backhaul',
    configureWorker: (options) => ({
      ...options,
      interceptors: {
        ...options.interceptors,
        // Behind those of OpenTelemetry: within the span that it adds to.
        activity: [...(options.interceptors?.activity ?? []), observeSteps(observing)],
      },
    }),
  };
  return traces === null ? [observer] : [await tracingPlugin(traces), observer];
}

async function tracingPlugin({ resource, spanProcessor }: TraceExport): Promise<WorkerPlugin> {
  // Loaded only where it is used.
  const { OpenTelemetryPlugin } = await import('@temporalio/interceptors-opentelemetry');
  return new OpenTelemetryPlugin({ resource, spanProcessor: fromWorkflows(spanProcessor) });
}

/** Of what the SDK knows of a workflow, its spans show these; the rest is long, or what a caller wrote. */
const SHOWN = ['workflowId', 'runId', 'firstExecutionRunId', 'workflowType', 'taskQueue', 'attempt'];

/** For spans that end in the workflows' sandbox. */
const fromWorkflows = (processor: SpanProcessor): SpanProcessor => ({
  forceFlush: () => processor.forceFlush(),
  shutdown: () => processor.shutdown(),
  onStart: (span, context) => processor.onStart(span, context),
  onEnd(span) {
    const shown = Object.entries(span.attributes).filter(([name]) => SHOWN.includes(name));
    processor.onEnd(Object.assign(span, { attributes: Object.fromEntries(shown) }));
  },
});
