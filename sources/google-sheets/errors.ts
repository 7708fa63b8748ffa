import { gaxios } from 'google-auth-library';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';

/** What an answer of Google, or the lack of one, says. */
export interface Failure {
  /** Null: no answer came. */
  status: number | null;
  /** The reason or status that Google names, an OAuth error, or the code of the network. */
  reason: string;
  /** The API that is switched off, and the project. */
  metadata: { service?: string; consumer?: string };
  fromTokenEndpoint: boolean;
  retryAfterMs: number | null;
  /** How far the clocks of Google and of this machine are apart. */
  skewMs: number;
}

interface Answer {
  error?: string | { status?: string; errors?: { reason?: string }[]; details?: Detail[] };
}
interface Detail {
  '@type'?: string;
  reason?: string;
  metadata?: { service?: string; consumer?: string };
}

export function failureOf(error: unknown): Failure {
  const response = error instanceof gaxios.GaxiosError ? error.response : undefined;
  const { error: said } = answerIn(response?.data);
  const body = typeof said === 'object' ? said : {};
  const info = body.details?.find((detail) => detail['@type']?.endsWith('google.rpc.ErrorInfo'));
  const headers = response?.headers;
  const date = Date.parse(headers?.get('date') ?? '');
  const retryAfter = headers?.get('retry-after') ?? '';
  return {
    status: response?.status ?? null,
    reason:
      typeof said === 'string'
        ? said
        : (info?.reason ?? body.errors?.[0]?.reason ?? body.status ?? networkCode(error) ?? ''),
    metadata: info?.metadata ?? {},
    fromTokenEndpoint: typeof said === 'string',
    retryAfterMs: /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : null,
    skewMs: Number.isNaN(date) ? 0 : Math.abs(date - Date.now()),
  };
}

function answerIn(data: unknown): Answer {
  try {
    const answer: unknown = typeof data === 'string' ? JSON.parse(data) : data;
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

/** The code of the innermost error that has one. */
function networkCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { cause, code } = error as { cause?: unknown; code?: unknown };
  return networkCode(cause) ?? (typeof code === 'string' ? code : null);
}

/** Google counts the minutes of a signed request that it takes; a clock within this is not what it complains of. */
const MAX_SKEW_MS = 60_000;
const QUOTA = new Set([
  'RATE_LIMIT_EXCEEDED',
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'RESOURCE_EXHAUSTED',
]);
const SWITCHED_OFF = new Set(['SERVICE_DISABLED', 'accessNotConfigured']);
const byNetwork: Readonly<Record<string, ErrorCode>> = {
  CERT_NOT_YET_VALID: 'source_clock_skew',
  ENOTFOUND: 'source_host_unknown',
  ECONNRESET: 'source_interrupted',
  EPIPE: 'source_interrupted',
  ERR_STREAM_PREMATURE_CLOSE: 'source_interrupted',
};

export const isQuota = ({ reason, status }: Failure): boolean =>
  status === 429 || (status === 403 && QUOTA.has(reason));

/** Trying the same again may help. */
export const isTransient = (failure: Failure): boolean =>
  failure.status === null
    ? ['source_interrupted', 'source_unreachable'].includes(codeOf(failure))
    : failure.status >= 500 || failure.status === 408;

export const isExpired = ({ fromTokenEndpoint, status }: Failure): boolean =>
  status === 401 && !fromTokenEndpoint;

function codeOf(failure: Failure): ErrorCode {
  const { fromTokenEndpoint, reason, skewMs, status } = failure;
  if (isQuota(failure)) return 'source_quota';
  if (status === null) {
    const known = byNetwork[reason];
    if (known !== undefined) return known;
    if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(reason)) return 'source_tls';
    return /^ERR_OSSL|^ERR_CRYPTO/.test(reason) ? 'source_credentials' : 'source_unreachable';
  }
  if (status >= 500 || status === 408) return 'source_unreachable';
  if (fromTokenEndpoint) {
    return reason === 'invalid_grant' && skewMs > MAX_SKEW_MS ? 'source_clock_skew' : 'source_credentials';
  }
  if (status === 401) return 'source_credentials';
  if (status === 403) return 'source_permission';
  if (status === 404) return 'source_database_missing';
  return 'source_query_failed';
}

/** What was asked for, as far as a person needs it to mend things. */
export interface Asked {
  connection: string;
  spreadsheet: string | null;
  /** With whom spreadsheets have to be shared. */
  email: string | null;
}

/** Google's own text is left out: it may quote what a cell holds. */
export function googleError(failure: Failure, asked: Asked, cause: unknown): BackhaulError {
  const { status, reason } = failure;
  const code = codeOf(failure);
  const { action, said } = code === 'source_permission' ? missingGrant(failure, asked) : hintOf(failure);
  const parts = [
    `connection ${asked.connection}`,
    ...(asked.spreadsheet === null ? [] : [`spreadsheet ${asked.spreadsheet}`]),
    ...(said === undefined ? [] : [said]),
    [status, reason].filter((part) => part !== null && part !== '').join(' '),
  ];
  const where = parts.filter((part) => part !== '').join(', ');
  return new BackhaulError(code, where, { ...(action === undefined ? {} : { action }), cause });
}

interface Hint {
  said?: string;
  action?: string;
}

function missingGrant({ metadata, reason }: Failure, { email }: Asked): Hint {
  if (SWITCHED_OFF.has(reason)) {
    const service = metadata.service ?? 'sheets.googleapis.com';
    const project = metadata.consumer?.replace('projects/', '');
    return {
      said: `${service} is not enabled${project === undefined ? '' : ` in project ${project}`}`,
      action: `gcloud services enable ${service}${project === undefined ? '' : ` --project ${project}`}`,
    };
  }
  if (reason === 'ACCESS_TOKEN_SCOPE_INSUFFICIENT') {
    return {
      said: 'the credentials lack the scope spreadsheets.readonly',
      action: 'Use the key of a service account, or log in again with that scope.',
    };
  }
  const whom = email ?? 'the account of the credentials';
  return { said: `not shared with ${whom}`, action: `Share the spreadsheet with ${whom}, as a viewer.` };
}

/** A file of Excel that lies in Drive has the address of a spreadsheet and is none. */
const hintOf = ({ reason, status }: Failure): Hint =>
  status === 400 && (reason === 'FAILED_PRECONDITION' || reason === 'failedPrecondition')
    ? { action: 'If it is a file of another program, such as .xlsx, save it as a Google spreadsheet.' }
    : {};
