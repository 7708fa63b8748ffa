import { createHmac } from 'node:crypto';
import fastifyPlugin from 'fastify-plugin';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../definitions/difference.ts';
import {
  beginNamed,
  forgetNamed,
  keepAnswer,
  stillAtWork,
  STILL_AT_WORK_EVERY_MS,
  type NamedRequest,
} from '../../ledger/api-answers.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ClientConnection } from '../connection.ts';
import { tokenOf } from './authenticate.ts';
import { problemOf } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A repeated request is simply done again. */
    readsOnly?: true;
    /** The answer holds what is given once: a repeated request is refused instead. */
    secretAnswer?: true;
  }
  interface FastifyRequest {
    /** What its sender has named it by. */
    requestKey: string | null;
    named: NamedRequest | null;
  }
}

const HEADER = 'idempotency-key';
const MOST_CHARACTERS = 255;
/** What is kept of an answer in whose place nothing may be given again. */
const GIVEN_ONCE = '';

/**
 * `Idempotency-Key` on any POST: the same key with the same request gets the first answer again, for 7 days; with another one
 * it is refused.
 */
export const nameRequests = fastifyPlugin<{ connection: ClientConnection }>(async (app, { connection }) => {
  const { db } = connection.ledger;
  const underWay = new Set<NamedRequest>();
  const saying = setInterval(() => {
    // A ledger that is away for a moment is asked again; one that stays away takes the answer, too.
    stillAtWork(db, [...underWay]).catch((error: unknown) =>
      app.log.warn({ code: problemOf(error).code }, 'what is under way could not be said'),
    );
  }, STILL_AT_WORK_EVERY_MS);
  saying.unref();
  app.addHook('onClose', async () => clearInterval(saying));
  app.decorateRequest('requestKey', null);
  app.decorateRequest('named', null);

  app.addHook('preHandler', async (request, reply) => {
    const requestKey = keyOf(request);
    request.requestKey = requestKey;
    const { readsOnly } = request.routeOptions.config;
    if (requestKey === null || request.method !== 'POST' || readsOnly === true || request.caller === null)
      return;
    const named = { keyId: request.caller.key, requestKey, request: digestOf(request) };
    const kept = await beginNamed(db, named);
    if (kept === null) {
      request.named = named;
      underWay.add(named);
      return;
    }
    if (kept.answer === GIVEN_ONCE)
      throw new BackhaulError('idempotency_conflict', 'its answer is given once', {
        action: 'See `backhaul keys list`; revoke what you did not get, and make another with a new key.',
      });
    return reply
      .status(kept.status)
      .header('idempotent-replayed', 'true')
      .type('application/json; charset=utf-8')
      .send(kept.answer);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { named } = request;
    if (named === null) return;
    underWay.delete(named);
    if (reply.statusCode >= 300 || typeof payload !== 'string') return forgetNamed(db, named);
    const answer = request.routeOptions.config.secretAnswer === true ? GIVEN_ONCE : payload;
    await keepAnswer(db, named, { status: reply.statusCode, answer });
    // What comes after may fail and come by here again with its error: what was done stays done.
    request.named = null;
  });
});

function keyOf({ headers }: FastifyRequest): string | null {
  const given = headers[HEADER];
  if (given === undefined) return null;
  const key = Array.isArray(given) ? given.join(',') : given;
  // An unset variable in a script: taken for a key, it would be answered once and then never again.
  if (key.trim() === '') throw new BackhaulError('request_invalid', 'Idempotency-Key is empty');
  if (key.length > MOST_CHARACTERS)
    throw new BackhaulError(
      'request_invalid',
      `Idempotency-Key is longer than ${MOST_CHARACTERS} characters`,
    );
  return key;
}

/** By the caller's key: a body may hold a password, and who reads the ledger is not to find it out by trying. */
const digestOf = ({ body, headers, method, url }: FastifyRequest): string =>
  createHmac('sha256', tokenOf(headers.authorization ?? ''))
    .update(`${method} ${url}\n${canonicalJson(body ?? {})}`)
    .digest('hex');
