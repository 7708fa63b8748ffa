import { setTimeout as sleep } from 'node:timers/promises';
import { BigQuery } from '@google-cloud/bigquery';
import type { Auth } from './auth.ts';
import { answerFailure, failureError, failureOf, networkFailure, type Failure } from './failure.ts';
import { inTime } from './in-time.ts';

const REQUEST_TIMEOUT_MS = 120_000;
const MAX_ATTEMPTS = 5;
const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 8000;

/** https://cloud.google.com/bigquery/docs/error-messages: what may be tried again, with exponential backoff. */
const TRANSIENT_STATUS = new Set([429, 500, 502, 503, 504]);
const TRANSIENT_REASON = new Set([
  'rateLimitExceeded',
  'backendError',
  'internalError',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
]);

type Transport = BigQuery['makeAuthenticatedRequest'];
type RequestOptions = Parameters<Transport>[0];
type Callback = (error: Error | null, body?: unknown, response?: unknown) => void;

export interface ClientOptions {
  projectId: string;
  /** Null: Google's own. */
  apiEndpoint: URL | null;
  auth: Auth;
  /** Ends the requests under way. */
  signal: AbortSignal;
}

/**
 * Google's client with a transport of ours: its own neither ends a request when a run is cancelled nor gives up on one
 * that is never answered, and goes on without credentials where it finds none. A request is repeated when that may help;
 * all that Backhaul asks may be asked twice, since its jobs have ids of their own.
 */
export function openClient({ projectId, apiEndpoint, auth, signal }: ClientOptions): BigQuery {
  const endpoint = apiEndpoint?.origin ?? 'https://bigquery.googleapis.com';
  const client = new BigQuery({ projectId, apiEndpoint: endpoint });
  // Otherwise BIGQUERY_EMULATOR_HOST in the environment would take the place of the endpoint.
  client.baseUrl = `${endpoint}/bigquery/v2`;
  const transport = (options: RequestOptions, callback: Callback): void => {
    send(options, auth, signal).then(
      (body) => callback(null, body, { body }),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
    );
  };
  client.makeAuthenticatedRequest = Object.assign(transport, {
    getCredentials: () => undefined,
    authClient: client.authClient,
  }) as unknown as Transport;
  return client;
}

async function send(options: RequestOptions, auth: Auth, signal: AbortSignal): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(options, auth, signal);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === null || attempt === MAX_ATTEMPTS || signal.aborted) throw error;
      // A token may have run out, or been revoked; a second new one would be refused as well.
      if (failure.status === 401 && attempt <= 2) auth.renew();
      else if (!isTransient(failure)) throw error;
      const backoff = Math.min(BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
      await sleep(backoff * (0.75 + Math.random() / 2), undefined, { signal });
    }
  }
}

const isTransient = ({ status, reason }: Failure): boolean =>
  (status !== null && TRANSIENT_STATUS.has(status)) || TRANSIENT_REASON.has(reason);

async function sendOnce(options: RequestOptions, auth: Auth, signal: AbortSignal): Promise<unknown> {
  const client = await auth.client();
  signal.throwIfAborted();
  const url = new URL(options.uri);
  for (const [name, value] of Object.entries((options.qs ?? {}) as Record<string, string | undefined>)) {
    // The client's own switches: it leaves them in the query, where Google refuses what it does not know.
    if (name === 'autoPaginate' || name === 'skipParsing' || value === undefined) continue;
    url.searchParams.append(name, `${value}`);
  }
  try {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const hasBody = options.json !== undefined;
    const asked = client.request<unknown>({
      url: url.href,
      method: options.method ?? 'GET',
      ...(hasBody && { data: options.json as object }),
      responseType: 'json',
      validateStatus: () => true,
      retry: false,
      // When a request with a body is aborted, node-fetch ends the process by an error that nobody can catch.
      signal: hasBody ? timeout : AbortSignal.any([signal, timeout]),
    });
    // The signals of the request do not end the request for a token that goes in front of it.
    const { status, data, headers } = await inTime(asked, { signal, timeoutMs: REQUEST_TIMEOUT_MS });
    if (status >= 200 && status < 300) return data;
    throw failureError(answerFailure(status, data, headers.get('date')));
  } catch (error) {
    throw failureOf(error) === null ? failureError(unexpected(error)) : error;
  }
}

/** No answer; or that of a token endpoint, which google-auth-library throws. */
function unexpected(error: unknown): Failure {
  const { response } = error as { response?: { status: number; data: unknown; headers: Headers } };
  if (response === undefined) return networkFailure(error);
  return answerFailure(response.status, response.data, response.headers.get('date'));
}
