import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  attributes: Record<string, unknown>;
  /** `backhaul.process` of who sent it. */
  process: unknown;
}

export interface ReceivedLog {
  body: string;
  severity: string;
  traceId: string;
  attributes: Record<string, unknown>;
}

export interface OtlpReceiver {
  url: string;
  spans(): ReceivedSpan[];
  logs(): ReceivedLog[];
  /** The whole text of what came, also of what is no JSON. */
  everything(): string;
  /** Bodies of /v1/metrics, which come as protobuf. */
  metrics(): Buffer[];
  close(): Promise<void>;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}
interface Resource {
  resource: { attributes: Attribute[] };
}
interface Spans extends Resource {
  scopeSpans: { spans: (Omit<ReceivedSpan, 'attributes'> & { attributes: Attribute[] })[] }[];
}
interface Logs extends Resource {
  scopeLogs: {
    logRecords: {
      body: { stringValue: string };
      severityText: string;
      traceId?: string;
      attributes: Attribute[];
    }[];
  }[];
}

/** Takes what OTLP over HTTP brings, as a collector does: traces and logs as JSON, metrics as protobuf. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received: { path: string; body: Buffer }[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      received.push({ path: request.url ?? '', body });
      response.writeHead(200, { 'content-type': request.headers['content-type'] }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bodies = (path: string): Buffer[] =>
    received.filter((one) => one.path === path).map(({ body }) => body);
  const documents = <T>(path: string): T[] =>
    bodies(path).map((body) => JSON.parse(body.toString('utf8')) as T);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () =>
      documents<{ resourceSpans: Spans[] }>('/v1/traces').flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ resource, scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) =>
            spans.map((span) => ({
              ...span,
              parentSpanId: span.parentSpanId ?? '',
              attributes: valuesOf(span.attributes),
              process: valuesOf(resource.attributes)['backhaul.process'],
            })),
          ),
        ),
      ),
    logs: () =>
      documents<{ resourceLogs: Logs[] }>('/v1/logs').flatMap(({ resourceLogs }) =>
        resourceLogs.flatMap(({ scopeLogs }) =>
          scopeLogs.flatMap(({ logRecords }) =>
            logRecords.map(({ attributes, body, severityText, traceId = '' }) => ({
              body: body.stringValue,
              severity: severityText,
              traceId,
              attributes: valuesOf(attributes),
            })),
          ),
        ),
      ),
    everything: () => received.map(({ body }) => body.toString('latin1')).join('\n'),
    metrics: () => bodies('/v1/metrics'),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

const valuesOf = (attributes: readonly Attribute[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
