import { stdTimeFunctions, type LoggerOptions } from 'pino';
import type { Environment } from '../definitions/installation-environment.ts';
import { safeError } from './safe-error.ts';

/** What writes a log. */
export type LoggingProcess = 'worker' | 'serve';

/** Fields that would hold a secret, or a value that somebody typed, wherever in a line they stand. */
const NEVER_SHOWN = [
  'authorization',
  'cookie',
  'password',
  'token',
  'apiKey',
  'writeKey',
  'encryptionKeys',
  'databaseUrl',
  'headers',
  'body',
];

interface Requested {
  method?: unknown;
  routeOptions?: { url?: unknown };
}

/**
 * What every log of Backhaul is written by; give it to pino, or to Fastify as `logger`. A request shows its route and not its
 * address, which may hold a key of a row; an error shows what {@link safeError} leaves of it.
 *
 * @example
 * const log = pino(logOptions(readEnvironment(process.env), 'serve'));
 * log.info({ run: run.id, sync: run.sync }, 'run started');
 */
export function logOptions(
  { installation, logLevel }: Pick<Environment, 'installation' | 'logLevel'>,
  process: LoggingProcess,
): LoggerOptions {
  return {
    level: logLevel,
    base: { process, installation },
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }), log: withoutErrorText },
    serializers: {
      err: withoutText,
      error: withoutText,
      req: ({ method, routeOptions }: Requested) => ({ method, route: routeOptions?.url ?? null }),
      res: ({ statusCode }: { statusCode?: unknown }) => ({ statusCode }),
    },
    hooks: {
      logMethod(given, method) {
        method.apply(this, withoutErrorMessage(given) as Parameters<typeof method>);
      },
    },
    redact: { paths: NEVER_SHOWN.flatMap((field) => [field, `*.${field}`]), remove: true },
  };
}

const withoutText = (value: unknown): unknown => (value instanceof Error ? safeError(value) : value);

/** Where a line has no message of its own, pino and Fastify take the error's: the error's code stands there instead. */
function withoutErrorMessage([first, message, ...rest]: unknown[]): unknown[] {
  if (first instanceof Error) return withoutErrorMessage([{ err: first }, message, ...rest]);
  const error = typeof first === 'object' && first !== null && 'err' in first ? first.err : undefined;
  if (!(error instanceof Error)) return message === undefined ? [first] : [first, message, ...rest];
  return message === undefined || message === error.message
    ? [first, safeError(error).type]
    : [first, message, ...rest];
}

/** An error under whatever name. pino's own serializers look at two names only. */
const withoutErrorText = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.values(fields).some((value) => value instanceof Error)
    ? Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, withoutText(value)]))
    : fields;
