import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { z } from 'zod';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import { errorCodeOf } from '../error-code.ts';
import { answers } from './answers.ts';
import { rateLimitWaitMs } from './rate-limit-wait.ts';

/** An answer that takes longer is given up. */
export const DEFAULT_TIMEOUT_MS = 10_000;
/** A 429 that asks for no more is waited for here; a longer wait is for whoever asked. */
export const DEFAULT_PATIENCE_MS = 5_000;
/** A page of a thousand sources is about one megabyte. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface PublicApiAccess {
  endpoint: URL;
  token: string;
  timeoutMs?: number | undefined;
  patienceMs?: number | undefined;
}

interface Question<Answer> {
  path: string;
  query?: Readonly<Record<string, string>>;
  answer: z.ZodType<Answer>;
  /** What a 404 means, and of what. */
  missing?: { code: ErrorCode; where: string };
}

/**
 * One GET. Waits once for a 429 that is over soon, follows no redirect. Every error names the host and the status at most: neither
 * the token nor a text of the answer.
 */
export async function get<Answer>(access: PublicApiAccess, question: Question<Answer>): Promise<Answer> {
  const { patienceMs = DEFAULT_PATIENCE_MS } = access;
  let answer = await ask(access, question);
  if (answer.status === 429 && answer.waitMs <= patienceMs) {
    await sleep(answer.waitMs);
    answer = await ask(access, question);
  }
  if (answer.status !== 200) throw failureOf(access, question, answer);
  const parsed = question.answer.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  throw new BackhaulError(
    'segment_api_refused',
    `${access.endpoint.host}: an answer without ${parsed.error.issues[0]?.path.join('.') || 'JSON'}`,
  );
}

interface Answer {
  status: number;
  /** Undefined when it is no JSON. */
  body: unknown;
  waitMs: number;
}

async function ask<T>(
  { endpoint, token, timeoutMs = DEFAULT_TIMEOUT_MS }: PublicApiAccess,
  { path, query = {} }: Question<T>,
): Promise<Answer> {
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(/\/*$/, '') + path;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  try {
    const { statusCode, headers, body } = await request(url, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'backhaul' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES)
        throw new BackhaulError('segment_api_refused', `${url.host}: the answer is too long`);
      chunks.push(chunk);
    }
    const read = json(Buffer.concat(chunks).toString('utf8'));
    const { 'x-ratelimit-reset': given } = headers;
    const reset = Array.isArray(given) ? given[0] : given;
    return { status: statusCode, body: read, waitMs: rateLimitWaitMs({ body: read, reset }, new Date()) };
  } catch (error) {
    if (error instanceof BackhaulError) throw error;
    throw new BackhaulError('segment_api_unreachable', `${url.host}, ${errorCodeOf(error)}`);
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function failureOf<T>(
  { endpoint }: PublicApiAccess,
  { missing }: Question<T>,
  { status, body, waitMs }: Answer,
): BackhaulError {
  const where = `${endpoint.host}: HTTP ${status}`;
  // Insufficient permission is a 401 too: https://docs.segmentapis.com/tag/Error-Handling
  if (status === 401 || status === 403) return new BackhaulError('segment_token_refused', where);
  if (status === 404 && missing !== undefined) return new BackhaulError(missing.code, missing.where);
  if (status === 429) {
    return new BackhaulError('segment_api_throttled', `${where}, wait ${Math.ceil(waitMs / 1000)} s`);
  }
  if (status >= 500) return new BackhaulError('segment_api_unreachable', where);
  const envelope = answers.failure.safeParse(body);
  const type = envelope.success ? envelope.data.errors[0]?.type : undefined;
  // The type is a word of theirs; the message may quote what was asked.
  return new BackhaulError(
    'segment_api_refused',
    type !== undefined && /^[\w-]{1,64}$/.test(type) ? `${where} ${type}` : where,
  );
}
