import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StandinToken {
  token: string;
  /** Ids of the sources whose write keys it shows: it has Source Admin on them. */
  admin: 'all' | readonly string[];
}

export interface StandinSource {
  id: string;
  slug: string;
  name?: string;
  /** @default true */
  enabled?: boolean;
  writeKeys: readonly string[];
  /** @default ['Server'] */
  categories?: readonly string[];
}

/** What the delivery overview says of a source. */
export interface StandinDeliveries {
  received: number;
  failed: Readonly<Record<string, number>>;
}

export interface StandinWorkspace {
  slug: string;
  tokens: readonly StandinToken[];
  sources: readonly StandinSource[];
  deliveries?: Readonly<Record<string, StandinDeliveries>>;
}

export interface StandinAnswer {
  status: number;
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

export interface PublicApiServer {
  url: string;
  /** Change it as you like. */
  workspace: StandinWorkspace;
  /** `GET /sources?pagination[count]=200`, in the order in which they came. */
  requests(): string[];
  /** Answers in the place of the stand-in from now on; null: nothing at all; undefined: the stand-in answers. */
  respond(respond: ((path: string) => StandinAnswer | null | undefined) | null): void;
  close(): Promise<void>;
}

const failure = (status: number, type: string, message: string, data?: object): StandinAnswer => ({
  status,
  body: { errors: [{ type, message, ...(data === undefined ? {} : { data }) }] },
});

/** A 429 as Segment's Public API gives it: https://docs.segmentapis.com/tag/Rate-Limits */
export const tooManyRequests = (msBeforeNext: number): StandinAnswer => ({
  ...failure(429, 'too-many-requests', 'Rate limit exceeded', {
    msBeforeNext,
    remainingPoints: 0,
    consumedPoints: 61,
  }),
  headers: { 'x-ratelimit-reset': new Date(Date.now() + msBeforeNext).toUTCString() },
});

const LARGEST_PAGE = 1000;

/** A stand-in for the part of Segment's Public API that Backhaul asks. */
export async function startPublicApi(workspace: StandinWorkspace): Promise<PublicApiServer> {
  const requests: string[] = [];
  let respond: Parameters<PublicApiServer['respond']>[0] = null;

  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const url = new URL(incoming.url ?? '', 'http://standin');
    requests.push(`${incoming.method} ${decodeURIComponent(url.pathname + url.search)}`);
    const told = respond?.(url.pathname);
    if (told === null) return;
    const { status, body, headers } = told ?? answer(running.workspace, incoming, url);
    outgoing.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
      ...headers,
    });
    outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const running: PublicApiServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    workspace,
    requests: () => requests,
    respond: (decide) => {
      respond = decide;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return running;
}

function answer(workspace: StandinWorkspace, incoming: IncomingMessage, url: URL): StandinAnswer {
  const bearer = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? '')?.[1];
  const token = workspace.tokens.find((known) => known.token === bearer);
  if (token === undefined) return failure(401, 'unauthorized', 'The token is invalid');
  if (incoming.method !== 'GET') return failure(405, 'method-not-allowed', 'Only GET');
  const { pathname, searchParams } = url;
  const source = /^\/sources\/([^/]+)$/.exec(pathname)?.[1];
  if (pathname === '/') return { status: 200, body: { data: { workspace: workspaceOf(workspace) } } };
  if (pathname === '/sources') {
    return paged(searchParams, workspace.sources, (sources) => ({
      sources: sources.map((one) => sourceOf(workspace, one, token)),
    }));
  }
  if (source !== undefined) {
    const found = workspace.sources.find(({ id }) => id === decodeURIComponent(source));
    if (found === undefined) return failure(404, 'not-found', 'The source does not exist');
    return {
      status: 200,
      body: { data: { source: sourceOf(workspace, found, token), trackingPlanId: null } },
    };
  }
  return delivery(workspace, pathname, searchParams);
}

function delivery(workspace: StandinWorkspace, pathname: string, query: URLSearchParams): StandinAnswer {
  const kind = /^\/delivery-overview\/(successfully-received|failed-on-ingest)$/.exec(pathname)?.[1];
  if (kind === undefined) return failure(404, 'not-found', 'No such path');
  const start = Date.parse(query.get('startTime') ?? '');
  const end = Date.parse(query.get('endTime') ?? '');
  const wellAsked =
    start < end &&
    ['minute', 'hour', 'day'].includes(query.get('granularity') ?? '') &&
    query.has('sourceId');
  if (!wellAsked) return failure(422, 'unprocessable-entity', 'sourceId, startTime, endTime and granularity');
  const { failed, received } = workspace.deliveries?.[query.get('sourceId') ?? ''] ?? {
    received: 0,
    failed: {},
  };
  const series = (count: number) => [{ time: new Date(start).toISOString(), count }];
  const datasets =
    kind === 'successfully-received'
      ? [{ total: received, series: series(received) }]
      : Object.entries(failed).map(([reason, total]) => ({
          ...(query.get('groupBy[0]') === 'discardReason' ? { discardReason: reason } : {}),
          total,
          series: series(total),
        }));
  const total = datasets.reduce((sum, one) => sum + one.total, 0);
  return paged(query, datasets, (dataset) => ({ total, dataset }));
}

/** A page, with the cursor to the next one as opaque as Segment's. */
function paged<T>(
  query: URLSearchParams,
  all: readonly T[],
  data: (page: readonly T[]) => object,
): StandinAnswer {
  const count = Number(query.get('pagination[count]'));
  if (!Number.isInteger(count) || count < 1 || count > LARGEST_PAGE)
    return failure(422, 'unprocessable-entity', 'pagination.count');
  const cursorOf = (index: number): string => Buffer.from(`at:${index}`).toString('base64');
  const given = query.get('pagination[cursor]');
  const from = given === null ? 0 : Number(Buffer.from(given, 'base64').toString().slice('at:'.length));
  const pagination = {
    current: cursorOf(from),
    ...(from + count < all.length ? { next: cursorOf(from + count) } : {}),
    totalEntries: all.length,
  };
  return { status: 200, body: { data: { ...data(all.slice(from, from + count)), pagination } } };
}

const workspaceOf = ({ slug }: StandinWorkspace) => ({ id: `id-of-${slug}`, slug, name: `${slug}, Inc.` });

const sourceOf = (workspace: StandinWorkspace, source: StandinSource, { admin }: StandinToken) => ({
  id: source.id,
  slug: source.slug,
  ...(source.name === undefined ? {} : { name: source.name }),
  workspaceId: workspaceOf(workspace).id,
  enabled: source.enabled ?? true,
  writeKeys: admin === 'all' || admin.includes(source.id) ? source.writeKeys : [],
  metadata: {
    id: 'iUM16Md8P2',
    slug: 'http-api',
    name: 'HTTP API',
    description: 'Send events by HTTP.',
    logos: { default: 'https://example.com/http-api.svg', alt: null, mark: null },
    options: [],
    categories: source.categories ?? ['Server'],
    isCloudEventSource: false,
  },
  settings: {},
  labels: [],
});
