import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { traceHeaders } from '../../telemetry/span.ts';
import { startTelemetry, type Telemetry } from '../../telemetry/start-telemetry.ts';
import { startOtlpReceiver, type OtlpReceiver } from '../../test/support/otlp-receiver.ts';
import { readScrape, total } from '../../test/support/scrape.ts';
import { until } from '../../test/support/until.ts';
import { metrics } from './metrics.ts';
import { tracing } from './tracing.ts';

const open: FastifyInstance[] = [];
async function serving(): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(metrics);
  await app.register(tracing);
  app.get('/v1/runs/:run', async () => traceHeaders());
  app.get('/v1/runs/:run/events', (_, reply) => {
    const close = app.streamOpened();
    reply.raw.on('close', close);
    void reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  open.push(app);
  return app;
}
const addressOf = (app: FastifyInstance): string => app.listeningOrigin;
afterEach(async () => {
  for (const app of open.splice(0)) {
    app.server.closeAllConnections();
    await app.close();
  }
});

describe('the metrics of serve', () => {
  it('count requests by route and status, never by address, and the streams that are open', async () => {
    const app = await serving();
    const scrape = async () => readScrape(await (await fetch(`${addressOf(app)}/metrics`)).text());
    await fetch(`${addressOf(app)}/v1/runs/planted-1?key=planted`);
    await fetch(`${addressOf(app)}/v1/runs/planted-2`);
    await fetch(`${addressOf(app)}/planted-3`);
    const leaving = new AbortController();
    await fetch(`${addressOf(app)}/v1/runs/r/events`, { signal: leaving.signal });
    const samples = await until(async () => {
      const found = await scrape();
      return total(found, 'backhaul_http_requests_total', { status: '404' }) === 1 && found;
    });
    const route = '/v1/runs/:run';
    expect(total(samples, 'backhaul_http_requests_total', { route, status: '200', method: 'GET' })).toBe(2);
    expect(total(samples, 'backhaul_http_request_duration_seconds_count', { route })).toBe(2);
    expect(total(samples, 'backhaul_http_requests_total', { route: 'none' })).toBe(1);
    expect(total(samples, 'backhaul_http_streams_open')).toBe(1);
    expect(JSON.stringify(samples)).not.toContain('planted');
    leaving.abort();
    await until(async () => total(await scrape(), 'backhaul_http_streams_open') === 0);
  });
});

describe('the traces of serve', () => {
  const caller = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  let otlp: OtlpReceiver;
  let telemetry: Telemetry | undefined;
  beforeAll(async () => {
    otlp = await startOtlpReceiver();
  });
  afterAll(async () => {
    await telemetry?.close();
    await otlp.close();
  });

  it('are none without the variables of OpenTelemetry', async () => {
    const app = await serving();
    const headers = { traceparent: caller };
    expect(await (await fetch(`${addressOf(app)}/v1/runs/r`, { headers })).json()).toEqual({});
  });

  it('go on with the trace of the caller, and without its baggage', async () => {
    telemetry = await startTelemetry(
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${otlp.url}/v1/traces` },
      { process: 'serve', installation: 'default', onFault: () => undefined },
    );
    const app = await serving();
    const headers = { traceparent: caller, baggage: 'person=planted' };
    const answered = await fetch(`${addressOf(app)}/v1/runs/planted`, { headers });
    const within = (await answered.json()) as Record<string, string>;
    await app.close();
    await telemetry.close();
    const span = otlp.spans().find(({ name }) => name === 'GET /v1/runs/:run');
    expect(span).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      process: 'serve',
      attributes: { 'http.route': '/v1/runs/:run', 'http.response.status_code': 200 },
    });
    expect(within).toEqual({ traceparent: `00-${span?.traceId}-${span?.spanId}-01` });
    expect(otlp.everything()).not.toContain('planted');
  });
});
