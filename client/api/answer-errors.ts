import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { FastifyError, FastifyInstance } from 'fastify';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { problemOf, type Problem } from './problem.ts';

/** Of one address, with keys that are not in force. */
const MOST_FAILED_LOGINS_PER_MINUTE = 60;

export interface ErrorShape {
  contentType: string;
  bodyOf(problem: Problem): object;
}

type FailedLogins = ReturnType<FastifyInstance['createRateLimit']>;

/** Counts the requests of an address whose key is not in force. */
export const countFailedLogins = (app: FastifyInstance): FailedLogins =>
  app.createRateLimit({
    max: MOST_FAILED_LOGINS_PER_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: ({ ip }) => ip,
  });

/** What the routes of `app` end with when they cannot do what was asked, in the words of those who ask. */
export function answerErrors(app: FastifyInstance, failedLogin: FailedLogins, shape: ErrorShape): void {
  app.setErrorHandler(async (error, request, reply) => {
    let problem = problemOf(knownError(error));
    if (problem.code === 'internal') request.log.error({ name: (error as Error).name }, 'a request failed');
    else if (problem.status >= 500) request.log.warn({ code: problem.code }, 'a request could not be served');
    if (problem.status === 503) void reply.header('retry-after', '1');
    if (problem.status === 401) {
      void reply.header('www-authenticate', 'Bearer');
      const limit = await failedLogin(request);
      if ('isExceeded' in limit && limit.isExceeded) {
        problem = problemOf(new BackhaulError('too_many_requests', 'with keys that are not in force'));
        void reply.header('retry-after', limit.ttlInSeconds);
      }
    }
    return reply.status(problem.status).type(shape.contentType).send(shape.bodyOf(problem));
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
