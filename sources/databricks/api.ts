import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { answers } from './answers.ts';
import { networkError } from './errors.ts';
import type { Tokens } from './tokens.ts';

const TIMEOUT_MS = 60_000;
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 250;
/** A longer Retry-After is Temporal's to wait for. */
const MAX_WAIT_MS = 20_000;
/** Any user may ask who it is: https://docs.databricks.com/api/workspace/currentuser/me */
const WHO_AM_I = '/api/2.0/preview/scim/v2/Me';

export interface ApiRequest<Schema extends z.ZodType> {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  answer: Schema;
  signal?: AbortSignal;
  /** Whether it may be sent again when nobody knows whether it arrived. */
  repeatable: boolean;
}

/** What the workspace said, or how it refused. */
export type ApiAnswer<T> = { value: T } | { status: number; errorCode: string };

export type Api = <Schema extends z.ZodType>(
  request: ApiRequest<Schema>,
) => Promise<ApiAnswer<z.output<Schema>>>;

/**
 * Requests to the REST API of a workspace. What passes by itself (429, 503, for repeatable requests also a lost connection)
 * is tried again a few times; a token that ran out is replaced once. Throws `source_token_expired` when there is no other
 * and it was good before, so that the next attempt resolves the connection anew.
 */
export function openApi(name: string, origin: string, dispatcher: Dispatcher, tokens: Tokens): Api {
  const where = `connection ${name}`;

  const send = async (request: ApiRequest<z.ZodType>, token: string) => {
    const { statusCode, headers, body } = await dispatcher.request({
      origin,
      path: request.path,
      method: request.method,
      headers: {
        authorization: `Bearer ${token}`,
        'user-agent': 'backhaul',
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      ...(request.signal !== undefined && { signal: request.signal }),
    });
    return { status: statusCode, retryAfter: headers['retry-after'], text: await body.text() };
  };

  /** 401 is the answer to a bad token; 403 to a bad or expired one and to a missing right alike. */
  const isTokenBad = async (status: number, token: string, signal?: AbortSignal): Promise<boolean> => {
    if (status === 401) return true;
    if (status !== 403) return false;
    const me = { method: 'GET', path: WHO_AM_I, answer: answers.anything, repeatable: true } as const;
    return [401, 403].includes((await send({ ...me, ...(signal && { signal }) }, token)).status);
  };
  let wasGood = false;
  const badToken = (status: number): BackhaulError =>
    wasGood
      ? new BackhaulError('source_token_expired', `${where}, HTTP ${status}`, {
          action: 'Give a new token where the connection takes it from; the read then goes on.',
        })
      : new BackhaulError('source_credentials', `${where}, HTTP ${status}`, {
          action:
            'Check token, or clientId and clientSecret, of the connection, and the IP access list of the workspace.',
        });

  return async (request) => {
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const { signal, repeatable } = request;
      const token = await tokens.current(signal);
      let answered;
      try {
        answered = await send(request, token);
      } catch (error) {
        const failure = networkError(where, error);
        const again = repeatable && failure.entry.retryable && attempt < ATTEMPTS && signal?.aborted !== true;
        if (!again) throw failure;
        await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1), undefined, signal && { signal });
        continue;
      }
      const { status, text } = answered;
      if (status >= 200 && status < 300) {
        wasGood = true;
        return { value: understood(where, request, text) };
      }
      if (await isTokenBad(status, token, signal)) {
        if (renewed || !tokens.refused(token)) throw badToken(status);
        renewed = true;
        continue;
      }
      if (status !== 429 && status < 500) return { status, errorCode: errorCodeIn(text) };
      const wait = waitMs(answered.retryAfter, attempt);
      const mayRepeat = repeatable || status === 429 || status === 503;
      if (!mayRepeat || attempt === ATTEMPTS || wait > MAX_WAIT_MS) {
        throw new BackhaulError(
          status === 429 ? 'source_busy' : 'source_unreachable',
          `${where}, HTTP ${status}`,
        );
      }
      await sleep(wait, undefined, signal && { signal });
    }
  };
}

/** @param header seconds, as Databricks writes it */
function waitMs(header: string | string[] | undefined, attempt: number): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : FIRST_WAIT_MS * 2 ** (attempt - 1);
}

function understood<Schema extends z.ZodType>(
  where: string,
  { answer, method, path }: ApiRequest<Schema>,
  text: string,
): z.output<Schema> {
  const read = answer.safeParse(jsonOf(text));
  if (read.success) return read.data;
  const fields = read.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new BackhaulError(
    'source_interrupted',
    `${where}: ${method} ${path.replace(/[0-9a-f-]{36}/, '…')} answered something else, at ${fields}`,
  );
}

/** A name such as RESOURCE_DOES_NOT_EXIST; the message beside it may quote anything. */
function errorCodeIn(text: string): string {
  const body = jsonOf(text);
  const code = typeof body === 'object' && body !== null && 'error_code' in body ? body.error_code : '';
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
