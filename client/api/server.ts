import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { ApiPermissions } from '../../definitions/from-api.ts';
import { removeOldAnswers } from '../../ledger/api-answers.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { overConnection } from '../direct.ts';
import type { ClientConnection } from '../connection.ts';
import { addEndpoints } from './add-endpoints.ts';
import { answerErrors, countFailedLogins } from './answer-errors.ts';
import { authenticate } from './authenticate.ts';
import { censusApi } from './census/census-api.ts';
import { describeApi } from './describe.ts';
import { readinessOf } from './health.ts';
import { metrics } from './metrics.ts';
import { nameRequests } from './name-requests.ts';
import { problemOf, PROBLEM_TYPE } from './problem.ts';
import { recordUse } from './record-use.ts';
import { tracing } from './tracing.ts';

export interface ServerOptions {
  connection: ClientConnection;
  permissions: ApiPermissions;
  requestsPerMinute: number;
  logger?: FastifyBaseLogger;
}

/** Definitions of a few thousand syncs fit. */
const MOST_BODY_BYTES = 4 * 2 ** 20;
const DAY_MS = 86_400_000;
/** Asked for by machines, often. */
const PROBE = { schema: { hide: true }, logLevel: 'warn', config: { rateLimit: false } } as const;

/** The HTTP API, not listening yet. `close()` ends what is streamed and finishes what was asked. */
export async function openServer(options: ServerOptions): Promise<FastifyInstance> {
  const { connection, logger, permissions, requestsPerMinute } = options;
  const ending = new AbortController();
  const app = Fastify({
    bodyLimit: MOST_BODY_BYTES,
    // Streams end at once, and idle connections with them; requests are finished.
    forceCloseConnections: 'idle',
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    routerOptions: { maxParamLength: 300 },
  });
  app.addHook('preClose', async () => ending.abort());

  app.setValidatorCompiler(validatorCompiler);
  // Answers are what the library gives; their schemas describe them, and tests hold them against it.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, text, done) => {
    if (text === '') return done(null, {});
    try {
      done(null, JSON.parse(String(text)));
    } catch {
      done(new BackhaulError('request_invalid', 'the body is no JSON'));
    }
  });
  app.addHook('preValidation', async (request) => {
    request.body ??= request.routeOptions.schema?.body === undefined ? undefined : {};
  });
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: '1 minute',
    // Of a route, and so after those of all routes, by which the caller is known; before role, body and what was answered earlier.
    hook: 'onRequest',
    keyGenerator: ({ caller, ip }) => caller?.key ?? ip,
    errorResponseBuilder: () => new BackhaulError('too_many_requests'),
  });
  const failedLogin = countFailedLogins(app);
  answerErrors(app, failedLogin, { contentType: PROBLEM_TYPE, bodyOf: (problem) => problem });
  await app.register(tracing);
  await app.register(authenticate, { connection });
  await app.register(nameRequests, { connection });
  await app.register(recordUse, { connection });
  // Before all of them: it sees only what comes after it.
  app.addHook('onRoute', (route) => {
    if (/^\/(reference|openapi\.json|healthz|readyz)/.test(route.url))
      route.config = { ...route.config, role: 'public' };
  });
  await describeApi(app);
  await app.register(metrics);

  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  app.get('/healthz', PROBE, () => ({ status: 'ok' }));
  const readiness = readinessOf(connection);
  app.get('/readyz', PROBE, async (_, reply) => {
    const report = await readiness.report();
    return reply.status(report.ready ? 200 : 503).send(report);
  });
  addEndpoints(
    app,
    { backhaul: overConnection(connection, async () => undefined), connection, permissions },
    ending.signal,
  );
  await app.register(censusApi, { prefix: '/api/v1', connection, failedLogin });

  const sweep = (): Promise<void> =>
    removeOldAnswers(connection.ledger.db).catch((error: unknown) =>
      app.log.warn({ code: problemOf(error).code }, 'old answers could not be removed'),
    );
  await sweep();
  const sweeping = setInterval(() => void sweep(), DAY_MS);
  sweeping.unref();
  app.addHook('onClose', async () => clearInterval(sweeping));
  return app;
}
