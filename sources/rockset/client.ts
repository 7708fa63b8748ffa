import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import rockset from '@rockset/client';
import { isLosslessNumber, parse } from 'lossless-json';
import { Agent, fetch, type RequestInit } from 'undici';
import { guardedConnector } from '../../definitions/guarded-connector.ts';
import type { ResolvedRocksetConnection } from '../../definitions/rockset-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { answerError, networkError } from './errors.ts';

/** Up to 15 digits without an exponent survive a double (IEEE 754); an answer with more is parsed by the slower parser. */
const maybeLossy = /\d[\d.]{15}|\d[eE]/;

/** A row of a result; its numbers are LosslessNumber where a double might change one of them. */
export type Document = Record<string, unknown>;
export interface FieldType {
  name: string;
  type: string;
}
export interface Answer {
  queryId: string;
  /** Null: it is not done yet, and its documents come by page. */
  results: Document[] | null;
  fields: FieldType[];
}
export interface Page {
  documents: Document[];
  next: string | null;
}

const DOCUMENTS_A_PAGE = 10_000;
const REQUEST_TIMEOUT_MS = 120_000;
const RETRY_AFTER_MS = [250, 1_000, 4_000];

export type RocksetClient = ReturnType<typeof rocksetClient>;

/** Rockset's own client, with exact numbers, the status of an answer, and reads that are tried again. */
export function rocksetClient(
  name: string,
  { apiKey, host, ...reaching }: ResolvedRocksetConnection,
  signal: AbortSignal,
) {
  const dispatcher = new Agent({ connect: guardedConnector(reaching) });
  const where = `connection ${name}`;
  const once = async (url: string, request: RequestInit, stop: AbortSignal[]): Promise<unknown> => {
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, {
        ...request,
        dispatcher,
        // Another host would get the key.
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...stop]),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw networkError(where, error);
    }
    let body: unknown = null;
    try {
      body = maybeLossy.test(text) ? parse(text) : JSON.parse(text);
    } catch {
      if (status < 300) throw new BackhaulError('source_unreachable', `${where}: the answer is no JSON`);
    }
    if (status >= 300) throw answerError(where, status, body);
    return body;
  };
  /**
   * What reads or cancels may be sent twice, what starts a query may not. An abort breaks off what reads only: else the id of
   * a query would not be known, or it would run on.
   */
  const send = async (url: string, request: RequestInit): Promise<unknown> => {
    if (request.method === 'POST') return once(url, request, []);
    const stop = request.method === 'GET' ? [signal] : [];
    for (const pause of [...RETRY_AFTER_MS, null]) {
      try {
        return await once(url, request, stop);
      } catch (error) {
        if (pause === null || !isRetryable(error) || stop.some(({ aborted }) => aborted)) throw error;
        await sleep(pause, undefined, { signal: AbortSignal.any(stop) });
      }
    }
    throw new BackhaulError('internal');
  };
  const { queries } = rockset.default(apiKey, host.replace(/\/+$/, ''), send);
  const cancel = (queryId: string): Promise<void> =>
    queries.cancelQuery(queryId).then(
      () => undefined,
      () => undefined,
    );
  /** Ends a query whose id got lost on its way. */
  const cancelMarked = async (mark: string): Promise<void> => {
    const { data = [] } = await queries.listActiveQueries().catch(() => ({ data: [] }));
    const lost = data.flatMap(({ query_id: id, sql }) =>
      id !== undefined && sql?.includes(mark) ? [id] : [],
    );
    await Promise.all(lost.map(cancel));
  };

  return {
    async submit(
      sql: string,
      options: { timeoutMs: number; answerWithinMs: number; rows?: number },
    ): Promise<Answer> {
      const { answerWithinMs, rows, timeoutMs } = options;
      const mark = `-- backhaul ${randomUUID()}`;
      const submitted = queries.query({
        sql: { query: `${sql}\n${mark}`, ...(rows !== undefined && { default_row_limit: rows }) },
        async: true,
        async_options: { client_timeout_ms: answerWithinMs },
        timeout_ms: timeoutMs,
        ...(rows !== undefined && { max_initial_results: rows }),
      });
      const response = await submitted.catch(async (error: unknown) => {
        if (isRetryable(error)) await cancelMarked(mark);
        throw error;
      });
      failIfFailed(where, response);
      const { column_fields: fields = [], query_id: queryId, results, status } = response;
      if (queryId === undefined) throw new BackhaulError('source_unreachable', `${where}: no query id`);
      const done = String(status) === 'COMPLETED';
      return { queryId, fields, results: done ? ((results ?? []) as Document[]) : null };
    },
    /** The cursor of its first page when the query is done; null while it runs. */
    async firstCursor(queryId: string): Promise<string | null> {
      const { data } = await gone(queries.getQuery(queryId));
      failIfFailed(where, data);
      const status = String(data?.status);
      if (status === 'CANCELLED') throw new BackhaulError('source_interrupted', `${where}, CANCELLED`);
      return status === 'COMPLETED' ? (data?.pagination?.start_cursor ?? '') : null;
    },
    async page(queryId: string, cursor: string): Promise<Page> {
      const answer = await gone(
        queries.getQueryResults(queryId, cursor === '' ? undefined : cursor, DOCUMENTS_A_PAGE),
      );
      const documents = (answer.results ?? []) as Document[];
      return { documents, next: answer.pagination?.next_cursor ?? null };
    },
    /** Never fails: what is gone needs no end. */
    cancel,
    close: () => dispatcher.destroy(),
  };
}

const isRetryable = (error: unknown): boolean => error instanceof BackhaulError && error.entry.retryable;

/** A query that Rockset does not know is one whose result has expired. */
async function gone<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof BackhaulError) || error.code !== 'source_table_missing') throw error;
    throw new BackhaulError('source_result_expired', error.where, { cause: error });
  }
}

function failIfFailed(where: string, answer: unknown): void {
  const { query_errors: errors } = (answer ?? {}) as { query_errors?: unknown };
  if (!Array.isArray(errors) || errors.length === 0) return;
  const [first] = errors as { status_code?: unknown }[];
  const status = first?.status_code;
  throw answerError(where, Number(isLosslessNumber(status) ? status.value : (status ?? 400)), first);
}
