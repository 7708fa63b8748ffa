import { context, propagation, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { isTracing } from '../../telemetry/span.ts';

const SERVER_FAULT = 500;

/**
 * A span for each request, in the trace that the caller names (`traceparent`), so that a run that it starts is in it too. By route,
 * never by address. Does nothing where no traces are exported.
 */
const spans: FastifyPluginAsync = async (app) => {
  if (!isTracing()) return;
  const tracer = trace.getTracer('backhaul');
  const open = new WeakMap<FastifyRequest, Span>();

  // By callback: all that follows in the request runs within it.
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers, method } = request;
    const route = request.routeOptions.url;
    const span = tracer.startSpan(
      route === undefined ? method : `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': method, ...(route !== undefined && { 'http.route': route }) },
      },
      propagation.extract(context.active(), headers),
    );
    open.set(request, span);
    context.with(trace.setSpan(propagation.extract(context.active(), headers), span), done);
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = open.get(request);
    span?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= SERVER_FAULT) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  });
};

export const tracing = fastifyPlugin(spans, { name: 'backhaul-tracing' });
