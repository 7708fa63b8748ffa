import {
  context,
  propagation,
  ProxyTracerProvider,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
} from '@opentelemetry/api';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

const TRACER = 'backhaul';

/** Counts, names of definitions, codes: no value of a row, no SQL, no address. */
export type SpanAttributes = Attributes;

/** Whether somebody takes spans: this process by OTEL_*, or the program that uses the library by its own OpenTelemetry. */
export function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(TRACER) !== undefined;
}

/**
 * Does a piece of work in a span of its own. Without tracing it costs nothing and leaves no trace.
 *
 * @param work is given what adds attributes that are known only then
 */
export function inSpan<T>(
  name: string,
  attributes: SpanAttributes,
  work: (add: (more: SpanAttributes) => void) => Promise<T>,
  kind: SpanKind = SpanKind.INTERNAL,
): Promise<T> {
  return trace.getTracer(TRACER).startActiveSpan(name, { attributes, kind }, async (span) => {
    try {
      return await work((more) => void span.setAttributes(more));
    } catch (error) {
      // Of a foreign error the class only: its message may quote a row.
      const message = error instanceof BackhaulError ? error.code : classOf(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** As {@link inSpan}, for what another system answers. */
export const askingOutside = <T>(
  name: string,
  attributes: SpanAttributes,
  work: (add: (more: SpanAttributes) => void) => Promise<T>,
): Promise<T> => inSpan(name, attributes, work, SpanKind.CLIENT);

/** Adds to the span that the caller is in, if there is one. */
export const addToSpan = (attributes: SpanAttributes): void =>
  void trace.getActiveSpan()?.setAttributes(attributes);

/** What an HTTP request carries on so that the server's spans belong to the same trace; nothing without tracing. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

const classOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
