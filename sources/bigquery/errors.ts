import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import { TLS_CODES } from '../tls-codes.ts';
import { failureOf, type Failure } from './failure.ts';
import { missingGrant } from './missing-grant.ts';

export interface ErrorContext {
  connection: string;
  projectId: string;
  /** The default dataset, where the connection has one. */
  dataset: string | undefined;
  /** Whom a grant would be for. */
  principal: string | null;
  model?: string;
  /** Lines of ours in front of the model's first. */
  linesBefore?: number;
  /** A result is being read: what is missing then, is the result. */
  reading?: boolean;
  /** These credentials have been taken before. */
  signedIn?: boolean;
}

/** https://cloud.google.com/bigquery/docs/error-messages; in capitals the codes of gRPC, as the Storage Read API has them. */
const byReason: Readonly<Record<string, ErrorCode>> = {
  quotaExceeded: 'source_quota',
  rateLimitExceeded: 'source_quota',
  jobRateLimitExceeded: 'source_quota',
  RESOURCE_EXHAUSTED: 'source_quota',
  billingNotEnabled: 'source_suspended',
  bytesBilledLimitExceeded: 'source_cost_limit',
  billingTierLimitExceeded: 'source_cost_limit',
  responseTooLarge: 'source_result_too_large',
  tableUnavailable: 'source_busy',
  blocked: 'source_busy',
  resourceInUse: 'source_busy',
  invalid_grant: 'source_credentials',
  invalid_client: 'source_credentials',
  unauthorized_client: 'source_credentials',
  noDefaultCredentials: 'source_credentials',
  ENOTFOUND: 'source_host_unknown',
  EAI_AGAIN: 'source_unreachable',
  ECONNREFUSED: 'source_unreachable',
  ECONNRESET: 'source_interrupted',
  EPIPE: 'source_interrupted',
  ERR_STREAM_PREMATURE_CLOSE: 'source_interrupted',
};
const BACKEND = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'INTERNAL',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'ABORTED',
]);
const DENIED = new Set(['accessDenied', 'PERMISSION_DENIED', 'forbidden']);
const MISSING = new Set(['notFound', 'NOT_FOUND']);
/** By gRPC, where there is no status of HTTP. */
const REFUSED = new Set(['FAILED_PRECONDITION', 'INVALID_ARGUMENT', 'OUT_OF_RANGE', 'UNIMPLEMENTED']);
const DISABLED = new Set(['accessNotConfigured', 'SERVICE_DISABLED']);
/** A token with a time that is further off is refused (facts of OAuth 2.0 at Google: five minutes). */
const CLOCK_TOLERANCE_SECONDS = 120;

interface Said {
  code: ErrorCode;
  /** Identifiers and positions. */
  where?: string;
  action?: string;
}

/** An answer as an error of ours. BigQuery's own text is left out: it may quote a value. */
export function bigQueryError(error: unknown, context: ErrorContext): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const failure = failureOf(error);
  if (failure === null)
    return new BackhaulError('internal', `connection ${context.connection}`, { cause: error });
  const { code, where, action } = said(failure, context);
  const parts = [
    `connection ${context.connection}`,
    ...(context.model === undefined ? [] : [`model ${context.model}`]),
    ...(where === undefined ? [] : [where]),
    ...(failure.reason === '' ? [] : [failure.reason]),
  ];
  return new BackhaulError(code, parts.join(', '), {
    cause: error,
    ...(action !== undefined && { action }),
  });
}

function said(failure: Failure, context: ErrorContext): Said {
  const { status, reason, text } = failure;
  const known = byReason[reason];
  if (status === 401 || known === 'source_credentials') return signIn(failure, context);
  if (DISABLED.has(reason)) {
    return {
      code: 'source_permission',
      where: 'the API is not enabled',
      action: `Enable it: gcloud services enable bigquery.googleapis.com bigquerystorage.googleapis.com --project=${context.projectId}`,
    };
  }
  if (DENIED.has(reason)) {
    const missing = missingGrant(text, context.projectId, context.principal);
    return { code: 'source_permission', where: missing.what, action: missing.action };
  }
  if (reason === 'billingNotEnabled') {
    return {
      code: 'source_suspended',
      action: `Enable billing for project ${context.projectId}.`,
    };
  }
  if (reason === 'timeout') {
    return {
      code: 'source_timeout',
      action: 'Make the model cheaper, or raise jobTimeout of the connection.',
    };
  }
  if (known !== undefined) return { code: known };
  if (MISSING.has(reason))
    return context.reading ? { code: 'source_result_expired' } : missing(text, context);
  // A page token that BigQuery does not take any more.
  if (context.reading && status === 400) return { code: 'source_result_expired' };
  if (BACKEND.has(reason) || (status !== null && status >= 500 && status !== 501)) {
    return { code: context.reading ? 'source_interrupted' : 'source_unreachable' };
  }
  if (TLS_CODES.test(reason)) return { code: 'source_tls' };
  if (REFUSED.has(reason)) return { code: 'source_query_failed' };
  if (status === null) return { code: 'source_unreachable' };
  return query(text, context);
}

function signIn({ clockAheadSeconds, text }: Failure, context: ErrorContext): Said {
  const skew = clockAheadSeconds ?? 0;
  if (Math.abs(skew) > CLOCK_TOLERANCE_SECONDS) {
    const side = skew > 0 ? 'ahead' : 'behind';
    return { code: 'source_clock_skew', where: `the clock is ${Math.abs(skew)} s ${side} of Google's` };
  }
  if (/reasonable timeframe|\biat\b/.test(text)) return { code: 'source_clock_skew' };
  return { code: context.signedIn ? 'source_token_expired' : 'source_credentials' };
}

function missing(text: string, { projectId, dataset }: ErrorContext): Said {
  // Started, and not there any more: the next attempt starts it anew.
  if (/\bJob [\w:.-]*backhaul-/.test(text)) return { code: 'source_result_expired' };
  const [, kind = '', name = ''] =
    /\b(Project|Dataset|Table|View|Routine|Model) ([\w:.$-]+)/.exec(text) ?? [];
  const [, location] = /in location ([\w-]+)/.exec(text) ?? [];
  const where =
    `${kind.toLowerCase()} ${name}${location === undefined ? '' : ` in location ${location}`}`.trim();
  const own = kind === 'Project' || (kind === 'Dataset' && name === `${projectId}:${dataset}`);
  return { code: own ? 'source_database_missing' : 'source_table_missing', ...(where !== '' && { where }) };
}

/** BigQuery has one reason for all that may be wrong with a query; only its sentence tells them apart. */
function query(text: string, { linesBefore = 0 }: ErrorContext): Said {
  const [, line, column] = /\[(\d+):(\d+)\]/.exec(text) ?? [];
  const position =
    line === undefined || column === undefined ? '' : `line ${Number(line) - linesBefore}, column ${column}`;
  const at = (name?: string): { where?: string } => {
    const where = [position, ...(name === undefined ? [] : [`"${name}"`])].filter((part) => part !== '');
    return where.length === 0 ? {} : { where: where.join(', ') };
  };
  if (text.startsWith('Syntax error')) return { code: 'source_syntax', ...at() };
  if (/Duplicate column names?/i.test(text)) return { code: 'duplicate_column', ...at() };
  const [, name] = /^(?:Unrecognized name: |Name |Field name )`?([\w$]+)`?/.exec(text) ?? [];
  if (name !== undefined) return { code: 'source_column_missing', ...at(name) };
  const [, table] = /^Table "?([\w.:$-]+)"? must be qualified with a dataset/.exec(text) ?? [];
  if (table !== undefined) return { code: 'source_table_missing', ...at(table) };
  return { code: 'source_query_failed', ...at() };
}
