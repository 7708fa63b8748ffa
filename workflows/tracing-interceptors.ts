import { context, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import {
  extractContextFromHeaders,
  headersWithContext,
} from '@temporalio/interceptors-opentelemetry/lib/instrumentation.js';
import {
  OpenTelemetryInternalsInterceptor,
  OpenTelemetryOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';
import { ContinueAsNew, workflowInfo, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

/**
 * Spans of a workflow, of the steps and children that it starts. Temporal's own interceptors await within each call, which takes turns
 * that a worker without them does not take: commands of lanes and updates then come in another order, and the histories of one do not replay
 * with the other. These hand on the very promise that they were given, so tracing may be switched on and off under a run.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  // It makes the sandbox's tracer, and knows how lines of the log name their span.
  const ofTemporal = new OpenTelemetryOutboundInterceptor();
  const tracer = trace.getTracer('backhaul');
  const within = <T>(name: string, work: () => Promise<T>, parent = context.active()): Promise<T> => {
    const span = tracer.startSpan(name, {}, parent);
    return ending(span, () => context.with(trace.setSpan(parent, span), work));
  };
  return {
    inbound: [
      {
        execute: (input, next) =>
          within(
            `RunWorkflow:${workflowInfo().workflowType}`,
            () => next(input),
            extractContextFromHeaders(input.headers),
          ),
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) =>
          within(`StartActivity:${input.activityType}`, () =>
            next({ ...input, headers: headersWithContext(input.headers) }),
          ),
        startChildWorkflowExecution: (input, next) =>
          within(`StartChildWorkflow:${input.workflowType}`, () =>
            next({ ...input, headers: headersWithContext(input.headers) }),
          ),
        continueAsNew: (input, next) => next({ ...input, headers: headersWithContext(input.headers) }),
        getLogAttributes: (input, next) => ofTemporal.getLogAttributes(input, next),
      },
    ],
    internals: [new OpenTelemetryInternalsInterceptor()],
  };
};

/** Ends the span beside the work, and not between it and who waits for it. */
function ending<T>(span: Span, work: () => Promise<T>): Promise<T> {
  const fail = (error: unknown): void => {
    if (!(error instanceof ContinueAsNew))
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : '' });
    span.end();
  };
  try {
    const done = work();
    done.then(() => span.end(), fail);
    return done;
  } catch (error) {
    fail(error);
    throw error;
  }
}
