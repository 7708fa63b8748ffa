import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a stream of events as open. @returns what counts it as closed */
    streamOpened(): () => void;
  }
}

/** The metrics of `serve`: what makes them, and what docs/telemetry.md is held against. */
export const serveMetrics = {
  backhaul_http_requests: {
    type: 'counter',
    labels: ['method', 'route', 'status'],
    meaning: 'Requests that were answered, by route and status',
  },
  backhaul_http_request_duration_seconds: {
    type: 'histogram',
    labels: ['method', 'route'],
    meaning: 'From the head of a request to the end of its answer; streams of events are left out',
  },
  backhaul_http_streams_open: {
    type: 'gauge',
    labels: [],
    meaning: 'Streams of events (SSE) that are open now',
  },
} as const;

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const STREAM = 'text/event-stream';
/** A label of a request to no route: what was asked for could be anything. */
const NO_ROUTE = 'none';
/** What the numbers show is not for everybody on the network; Prometheus can send a key (`authorization`). */
const access = { role: 'viewer' } as const;

/** Measures what the API answers, and serves `/metrics` for Prometheus, to holders of a key. */
const measured: FastifyPluginAsync = async (app: FastifyInstance) => {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const named = <Name extends keyof typeof serveMetrics>(name: Name) => ({
    name,
    help: serveMetrics[name].meaning,
    labelNames: serveMetrics[name].labels,
    registers: [register],
  });
  const requests = new Counter({ ...named('backhaul_http_requests'), name: 'backhaul_http_requests_total' });
  const durations = new Histogram({
    ...named('backhaul_http_request_duration_seconds'),
    buckets: BUCKETS,
  });
  const streams = new Gauge(named('backhaul_http_streams_open'));

  app.decorate('streamOpened', () => {
    streams.inc();
    let open = true;
    return () => {
      if (open) streams.dec();
      open = false;
    };
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.url ?? NO_ROUTE;
    requests.inc({ method, route, status: String(reply.statusCode) });
    const isStream = String(reply.getHeader('content-type') ?? '').startsWith(STREAM);
    if (!isStream) durations.observe({ method, route }, reply.elapsedTime / 1000);
  });
  app.get('/metrics', { config: access, schema: { hide: true } }, async (_request, reply) => {
    void reply.header('content-type', register.contentType);
    return register.metrics();
  });
};

export const metrics = fastifyPlugin(measured, { name: 'backhaul-metrics' });
