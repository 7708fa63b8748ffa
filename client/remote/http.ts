import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, fetch, type Response } from 'undici';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { traceHeaders } from '../../telemetry/span.ts';
import { isErrorCode } from '../../vocabulary/errors.ts';
import type { AnswerOf, BodyOf, Endpoint, ParamsOf, QueryOf } from '../api/contract/endpoint.ts';

export interface Request<E extends Endpoint> {
  params?: ParamsOf<E>;
  query?: Partial<QueryOf<E>>;
  body?: Partial<BodyOf<E>>;
  /** Names a POST; without it each gets a name of its own, so that it may be sent again when its answer is lost. */
  requestKey?: string | undefined;
  signal?: AbortSignal;
}

export interface Http {
  /** What answers at BACKHAUL_URL. */
  url: string;
  /** The document of an answer. */
  call<E extends Endpoint>(endpoint: E, request: Request<E>): Promise<AnswerOf<E>>;
  /** An answer that comes in pieces. */
  open<E extends Endpoint>(endpoint: E, request: Request<E>): Promise<Response>;
  close(): Promise<void>;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;
/** A server that is started anew is back within this; then the failure is told. */
export const PATIENCE_MS = 30_000;
/** Where 429 does not say how long. */
const DEFAULT_RETRY_AFTER_S = 1;
/** What proxies say when nothing is behind them. */
const NOBODY_THERE = [502, 503, 504];

/** @param url BACKHAUL_URL @param key BACKHAUL_API_KEY */
export function openHttp(url: string, key: string): Http {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new BackhaulError('usage', 'BACKHAUL_URL: must be an http or https address');
  const base = url.replace(/\/+$/, '');
  // A recap of a large model may take longer than any usual patience for the first byte.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

  const send = async <E extends Endpoint>(endpoint: E, request: Request<E>): Promise<Response> => {
    const { body } = request;
    const { method } = endpoint;
    refusePlainSecrets(base, body);
    const requestKey = request.requestKey ?? randomUUID();
    const deadline = Date.now() + PATIENCE_MS;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      const answer = await fetch(`${base}${addressOf(endpoint.path, request)}`, {
        method,
        dispatcher,
        redirect: 'error',
        headers: {
          ...traceHeaders(),
          authorization: `Bearer ${key}`,
          ...(method === 'GET' ? {} : { 'idempotency-key': requestKey }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(request.signal && { signal: request.signal }),
      }).catch((error: unknown) => {
        request.signal?.throwIfAborted();
        return new BackhaulError('api_unreachable', base, { cause: error });
      });
      const error = answer instanceof BackhaulError ? answer : await errorOf(answer, base);
      if (error === null) return answer as Response;
      if (!isWorthTrying(error, answer) || Date.now() + wait > deadline) throw error;
      await delay(waitOf(answer, wait), undefined, request.signal && { signal: request.signal });
    }
  };

  return {
    url: base,
    open: send,
    async call(endpoint, request) {
      const answer = await send(endpoint, request);
      try {
        return (await answer.json()) as AnswerOf<typeof endpoint>;
      } catch (error) {
        throw new BackhaulError('api_answer_unknown', base, { cause: error });
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function addressOf<E extends Endpoint>(path: string, { params, query }: Request<E>): string {
  const values = (params ?? {}) as Record<string, string>;
  const filled = path.replace(/:([a-z]+)/gi, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const asked = Object.entries((query ?? {}) as Record<string, unknown>).flatMap(
    ([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, `${value as string | number}`]],
  );
  return asked.length === 0 ? filled : `${filled}?${new URLSearchParams(asked).toString()}`;
}

/** What an answer refuses as an error of ours; null when it is none. */
async function errorOf(answer: Response, base: string): Promise<BackhaulError | null> {
  if (answer.ok) return null;
  const text = await answer.text().catch(() => '');
  return problemIn(text) ?? new BackhaulError('api_answer_unknown', `${base}, HTTP ${answer.status}`);
}

/** The same of a text, which may be anything. */
export function problemIn(text: string): BackhaulError | undefined {
  try {
    return problemError(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A problem document as the error that it tells of; undefined when it is none of ours. */
export function problemError(problem: unknown): BackhaulError | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined;
  const { action, code, where } = problem as Record<string, unknown>;
  if (typeof code !== 'string' || !isErrorCode(code)) return undefined;
  return new BackhaulError(
    code,
    typeof where === 'string' ? where : '',
    typeof action === 'string' ? { action } : {},
  );
}

/** Each request may be repeated: a GET changes nothing, and anything else is named. */
function isWorthTrying({ code }: BackhaulError, answer: Response | BackhaulError): boolean {
  if (code === 'api_unreachable' || code === 'too_many_requests' || code === 'request_in_progress')
    return true;
  return (
    code === 'api_answer_unknown' &&
    !(answer instanceof BackhaulError) &&
    NOBODY_THERE.includes(answer.status)
  );
}

function waitOf(answer: Response | BackhaulError, wait: number): number {
  if (answer instanceof BackhaulError || answer.status !== 429) return wait;
  const seconds = Number(answer.headers.get('retry-after') ?? DEFAULT_RETRY_AFTER_S);
  return Math.min(Number.isFinite(seconds) ? seconds * 1000 : wait, PATIENCE_MS);
}

/** Secrets travel apart, in bodies that say so. */
function refusePlainSecrets(base: string, body: object | undefined): void {
  const { hostname, protocol } = new URL(base);
  if (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return;
  if (body !== undefined && ('secrets' in body || 'connections' in body))
    throw new BackhaulError('api_insecure', base);
}
