import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors, validatorCompiler } from 'fastify-type-provider-zod';
import type { ApiPermissions } from '../../definitions/from-api.ts';
import { removeOldAnswers } from '../../ledger/api-answers.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { overConnection } from '../direct.ts';
import type { ClientConnection } from '../connection.ts';
import { addEndpoints } from './add-endpoints.ts';
import { authenticate } from './authenticate.ts';
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
/** Of one address, with keys that are not in force. */
const MOST_FAILED_LOGINS_PER_MINUTE = 60;
const DAY_MS = 86_400_000;

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
    hook: 'preHandler',
    keyGenerator: ({ caller, ip }) => caller?.key ?? ip,
    errorResponseBuilder: () => new BackhaulError('too_many_requests'),
  });
  answerErrors(app);
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
  app.get('/healthz', { schema: { hide: true }, logLevel: 'warn' }, () => ({ status: 'ok' }));
  const readiness = readinessOf(connection);
  app.get('/readyz', { schema: { hide: true }, logLevel: 'warn' }, async (_, reply) => {
    const report = await readiness.report();
    return reply.status(report.ready ? 200 : 503).send(report);
  });
  addEndpoints(
    app,
    { backhaul: overConnection(connection, async () => undefined), connection, permissions },
    ending.signal,
  );

  const sweeping = setInterval(() => {
    removeOldAnswers(connection.ledger.db).catch((error: unknown) =>
      app.log.warn({ code: problemOf(error).code }, 'old answers could not be removed'),
    );
  }, DAY_MS);
  sweeping.unref();
  app.addHook('onClose', async () => clearInterval(sweeping));
  return app;
}

function answerErrors(app: FastifyInstance): void {
  const failedLogin = app.createRateLimit({
    max: MOST_FAILED_LOGINS_PER_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: ({ ip }) => ip,
  });
  app.setErrorHandler(async (error, request, reply) => {
    let problem = problemOf(knownError(error));
    if (problem.code === 'internal') request.log.error({ name: (error as Error).name }, 'a request failed');
    if (problem.status === 503) void reply.header('retry-after', '1');
    if (problem.status === 401) {
      void reply.header('www-authenticate', 'Bearer');
      const limit = await failedLogin(request);
      if ('isExceeded' in limit && limit.isExceeded) {
        problem = problemOf(new BackhaulError('too_many_requests', 'with keys that are not in force'));
        void reply.header('retry-after', limit.ttlInSeconds);
      }
    }
    return reply.status(problem.status).type(PROBLEM_TYPE).send(problem);
  });
  app.setNotFoundHandler(({ method, url }) => {
    throw new BackhaulError('route_not_found', `${method} ${url.replace(/\?.*$/s, '')}`);
  });
}

/** What Fastify and the schemas refuse, as one of ours. Says which field, never what was in it. */
function knownError(error: unknown): unknown {
  if (error instanceof BackhaulError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const faults = error.validation.map(
      ({ instancePath, message }) =>
        `${error.validationContext ?? 'request'}${instancePath.replaceAll('/', '.')}: ${message ?? 'invalid'}`,
    );
    return new BackhaulError('request_invalid', faults.join('; '));
  }
  const { code, statusCode } = error as Partial<FastifyError>;
  if (statusCode === 413) return new BackhaulError('request_too_large');
  if (statusCode === 415) return new BackhaulError('request_invalid', 'the body is to be application/json');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new BackhaulError('request_invalid', code ?? '');
  return error;
}
