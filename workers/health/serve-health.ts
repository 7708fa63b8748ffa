import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from '../../telemetry/readiness.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { MetricsSource } from '../telemetry/install-runtime.ts';

export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

export interface HealthOptions {
  host: string;
  /** 0: any that is free. */
  port: number;
  readiness: Readiness;
  metricsSource: MetricsSource;
}

const METRICS_TIMEOUT_MS = 5000;
const METRICS_BY_OTLP = 'The metrics of this worker go by OTLP, as OTEL_EXPORTER_OTLP_ENDPOINT says.';

/** `/healthz`, `/readyz` and `/metrics` of a worker. They take no key, change nothing, and hold no secret and no row value. */
export async function serveHealth(options: HealthOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'text/plain', '');
    answerTo(path, options, response).catch(() => answer(response, 503, 'text/plain', 'no answer\n'));
  });
  server.listen(options.port, options.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BackhaulError('usage', `BACKHAUL_WORKER_PORT: ${options.host} port ${options.port}: ${code}`, {
      action: 'Set BACKHAUL_WORKER_PORT to a free port, and BACKHAUL_HOST to an address of this machine.',
      cause: error,
    });
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answerTo(
  path: string | undefined,
  { metricsSource, readiness }: HealthOptions,
  response: ServerResponse,
): Promise<void> {
  switch (path) {
    case '/healthz':
      return answer(response, 200, 'application/json', '{"alive":true}\n');
    case '/readyz': {
      const report = await readiness.report();
      return answer(response, report.ready ? 200 : 503, 'application/json', `${JSON.stringify(report)}\n`);
    }
    case '/metrics': {
      if (metricsSource === null) return answer(response, 404, 'text/plain', `${METRICS_BY_OTLP}\n`);
      const metrics = await fetch(metricsSource, { signal: AbortSignal.timeout(METRICS_TIMEOUT_MS) });
      const type = metrics.headers.get('content-type') ?? 'text/plain; version=0.0.4';
      return answer(response, metrics.status, type, await metrics.text());
    }
    default:
      return answer(response, 404, 'text/plain', '');
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
