import {
  createTraceState,
  isSpanContextValid,
  trace,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  type Context,
} from '@opentelemetry/api';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
/** Of version 00, and of later ones what they share with it (W3C Trace Context, 3.2). */
const FORM = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/**
 * W3C Trace Context, and no baggage: what callers put into that could be of a person, and would come to rest in Temporal's history.
 */
export const traceContextPropagator: TextMapPropagator = {
  fields: () => [TRACEPARENT, TRACESTATE],
  inject(context: Context, carrier: unknown, setter: TextMapSetter) {
    const spanContext = trace.getSpanContext(context);
    if (spanContext === undefined || !isSpanContextValid(spanContext)) return;
    const { spanId, traceFlags, traceId, traceState } = spanContext;
    setter.set(carrier, TRACEPARENT, `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`);
    if (traceState !== undefined) setter.set(carrier, TRACESTATE, traceState.serialize());
  },
  extract(context: Context, carrier: unknown, getter: TextMapGetter) {
    const given = [getter.get(carrier, TRACEPARENT)].flat()[0];
    const [, traceId, spanId, flags] = FORM.exec(given?.trim() ?? '') ?? [];
    if (traceId === undefined || spanId === undefined || flags === undefined) return context;
    const state = [getter.get(carrier, TRACESTATE) ?? []].flat().join(',');
    const spanContext = {
      traceId,
      spanId,
      traceFlags: parseInt(flags, 16) & 1,
      isRemote: true,
      ...(state !== '' && { traceState: createTraceState(state) }),
    };
    return isSpanContextValid(spanContext) ? trace.setSpanContext(context, spanContext) : context;
  },
};
