import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { stringify } from 'lossless-json';
import { checked } from './contract.ts';
import { openEngine, type Query, type QueryFailure } from './duckdb-queries.ts';

export interface RocksetServer {
  url: string;
  /** Queries that run. */
  running(): number;
  /** Forgets every query and result. */
  expire(): void;
  /** Breaks the connection of the next answer in its middle. */
  breakOnce(): void;
  /** Takes the next query, lets it run, and breaks the connection instead of an answer. */
  loseAnswer(): void;
  /** Answers everything with 429 while it is true. */
  throttle(on: boolean): void;
  close(): Promise<void>;
}

const PATH = '/v1/orgs/self/queries';
const SYNC_TIMEOUT_MS = 120_000;

interface QueryRequest {
  async?: boolean;
  async_options?: { client_timeout_ms?: number };
  max_initial_results?: number;
  timeout_ms?: number;
  sql: { query: string; default_row_limit?: number };
}

/**
 * The part of Rockset's REST API that queries are run by: asynchronous queries, pages by cursor, cancelling, errors. Each
 * body that it takes or gives fits Rockset's published OpenAPI. What is not shown: Rockset's SQL, its types, its limits.
 *
 * @param keys API keys, and whether they may query
 */
export async function startRockset(
  keys: Readonly<Record<string, boolean>>,
  setUp: (connection: DuckDBConnection) => Promise<void>,
): Promise<RocksetServer> {
  const engine = await openEngine(setUp);
  const queries = new Map<string, Query>();
  let breakNext = false;
  let loseNext = false;
  let throttled = false;

  const send = (response: ServerResponse, status: number, schema: string, body: unknown): void => {
    const text = jsonText(checked(schema, body));
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    if (!breakNext) {
      response.end(text);
      return;
    }
    breakNext = false;
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  };
  const refuse = (response: ServerResponse, failure: QueryFailure, message = 'refused'): void => {
    const { status, ...rest } = failure;
    send(response, status, 'ErrorModel', { ...rest, message, trace_id: randomUUID() });
  };

  const submit = async (request: QueryRequest, response: ServerResponse): Promise<void> => {
    const { async = false, async_options: options, max_initial_results: most, sql } = request;
    // A limit in the query's own text wins.
    const limit = /\blimit\b/i.test(sql.query) ? undefined : sql.default_row_limit;
    const query = await engine.start(sql.query, request.timeout_ms ?? SYNC_TIMEOUT_MS, limit);
    queries.set(query.id, query);
    if (loseNext) {
      loseNext = false;
      response.destroy();
      return;
    }
    const patience = async ? (options?.client_timeout_ms ?? 0) : SYNC_TIMEOUT_MS;
    await Promise.race([query.done, sleep(patience, undefined, { ref: false })]);
    if (query.error !== null) {
      refuse(response, query.error);
      return;
    }
    const stats = { elapsed_time_ms: 1, throttled_time_micros: 0 };
    if (query.status !== 'COMPLETED') {
      send(response, 200, 'QueryResponse', { query_id: query.id, status: query.status, stats });
      return;
    }
    const { pagination, results } = pageOf(query, 0, most ?? query.rows.length);
    const star = /^\s*select\s+\*/i.test(sql.query);
    send(response, 200, 'QueryResponse', {
      query_id: query.id,
      status: query.status,
      collections: [],
      results,
      ...(star ? {} : { column_fields: query.fields }),
      results_total_doc_count: query.rows.length,
      stats,
      ...(most === undefined ? {} : { pagination }),
    });
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = /^ApiKey (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const mayQuery = keys[key];
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://rockset');
    if (throttled) return refuse(response, { status: 429, type: 'RATELIMITEXCEEDED' });
    if (mayQuery === undefined) return refuse(response, { status: 401, type: 'AUTHEXCEPTION' });
    if (!mayQuery) return refuse(response, { status: 403, type: 'FORBIDDEN' });
    if (pathname === PATH && request.method === 'POST') {
      const body: unknown = JSON.parse(await textOf(request));
      try {
        return await submit(checked('QueryRequest', body) as QueryRequest, response);
      } catch (error) {
        return refuse(response, { status: 400, type: 'BADREQUEST' }, (error as Error).message);
      }
    }
    if (pathname === PATH) {
      const active = [...queries.values()].filter(({ status }) => status === 'RUNNING');
      return send(response, 200, 'ListQueriesResponse', { data: active.map(infoOf) });
    }
    const [, id = '', pages] = /^\/v1\/orgs\/self\/queries\/([^/]+)(\/pages)?$/.exec(pathname) ?? [];
    const query = queries.get(id);
    if (query === undefined) return refuse(response, { status: 404, type: 'NOTFOUND' });
    if (request.method === 'DELETE') {
      if (query.status === 'RUNNING') query.stop('CANCELLED');
      await query.done;
      return send(response, 200, 'CancelQueryResponse', { data: infoOf(query) });
    }
    if (pages === undefined) return send(response, 200, 'GetQueryResponse', { data: infoOf(query) });
    if (query.status !== 'COMPLETED') return refuse(response, { status: 400, type: 'NOT_READY' });
    const from = Number(searchParams.get('cursor')?.split(':')[1] ?? 0);
    const { pagination, results } = pageOf(query, from, Number(searchParams.get('docs') ?? 10_000));
    send(response, 200, 'QueryPaginationResponse', {
      results,
      results_total_doc_count: query.rows.length,
      pagination,
    });
  };

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      process.stderr.write(`the stand-in of Rockset broke: ${String(error)}\n`);
      response.destroy();
    });
  });
  // It shares its process with its client, which may be busy for longer than any patience of a server.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    running: () => [...queries.values()].filter(({ status }) => status === 'RUNNING').length,
    expire: () => queries.clear(),
    breakOnce: () => {
      breakNext = true;
    },
    loseAnswer: () => {
      loseNext = true;
    },
    throttle: (on) => {
      throttled = on;
    },
    async close() {
      for (const query of queries.values()) if (query.status === 'RUNNING') query.stop('CANCELLED');
      await Promise.all([...queries.values()].map(({ done }) => done));
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      engine.close();
    },
  };
}

/** Integers beyond 2^53 are bigint, which only the slower writer knows. */
function jsonText(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch {
    return stringify(body) ?? '';
  }
}

function pageOf(query: Query, from: number, most: number) {
  const results = query.rows.slice(from, from + most);
  const next = from + results.length;
  const more =
    next < query.rows.length ? { next_cursor: `${query.id}:${next}`, next_cursor_offset: next } : {};
  return {
    results,
    pagination: { start_cursor: `${query.id}:0`, ...more, current_page_doc_count: results.length },
  };
}

function infoOf(query: Query) {
  const { error, id, rows, sql, status } = query;
  return {
    query_id: id,
    status,
    sql,
    stats: { elapsed_time_ms: 1, throttled_time_ms: 0, result_set_document_count: rows.length },
    ...(status === 'COMPLETED' ? { pagination: { start_cursor: `${id}:0` } } : {}),
    ...(error === null
      ? {}
      : { query_errors: [{ type: error.type, message: 'refused', status_code: error.status }] }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
