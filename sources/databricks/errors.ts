import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import type { StatementAnswer } from './answers.ts';
import { missingGrant } from './missing-grant.ts';
import { placeInModel, type Wrapped } from './wrapped.ts';

/** SQLSTATEs: https://docs.databricks.com/error-messages/sqlstates.html */
const byState: Readonly<Record<string, ErrorCode>> = {
  '42601': 'source_syntax',
  '42P01': 'source_table_missing',
  '42703': 'source_column_missing',
  '42501': 'source_permission',
  '57014': 'source_timeout',
  '57KD0': 'source_timeout',
  '08KD1': 'source_busy',
};
/** What passes by itself, by the class of its SQLSTATE. */
const byClass: Readonly<Record<string, ErrorCode>> = { '08': 'source_interrupted', '53': 'source_busy' };
/** A catalog or schema that is not there: of the connection when no model was asked for. */
const NAMESPACE_MISSING = ['42704', '42P08', '42K05'];

/** Of a statement that failed without a SQLSTATE. */
const byErrorCode: Readonly<Record<string, ErrorCode>> = {
  UNAUTHENTICATED: 'source_credentials',
  RESOURCE_EXHAUSTED: 'source_quota',
  TEMPORARILY_UNAVAILABLE: 'source_unreachable',
  WORKSPACE_TEMPORARILY_UNAVAILABLE: 'source_unreachable',
  SERVICE_UNDER_MAINTENANCE: 'source_unreachable',
  DEADLINE_EXCEEDED: 'source_busy',
  ABORTED: 'source_interrupted',
  INTERNAL_ERROR: 'source_interrupted',
  IO_ERROR: 'source_interrupted',
  UNKNOWN: 'source_interrupted',
};

const byNetwork: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'source_host_unknown',
  EAI_AGAIN: 'source_unreachable',
  ECONNREFUSED: 'source_unreachable',
  ETIMEDOUT: 'source_unreachable',
  EHOSTUNREACH: 'source_unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'source_unreachable',
  CERT_NOT_YET_VALID: 'source_clock_skew',
  // A token with a line break in it, say, is no header.
  UND_ERR_INVALID_ARG: 'source_credentials',
};

/** Why a request got no answer. */
export function networkError(where: string, error: unknown): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const code =
    typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
      ? error.code
      : '';
  const known = byNetwork[code] ?? (isTls(code) ? 'source_tls' : 'source_interrupted');
  return new BackhaulError(known, code === '' ? where : `${where}, ${code}`, { cause: error });
}

const isTls = (code: string): boolean =>
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code);

/** Why a statement failed. The text of Databricks is left out: it may quote a value. */
export function statementError(
  connection: string,
  { status }: StatementAnswer,
  wrapped?: Wrapped,
): BackhaulError {
  const message = status.error?.message ?? '';
  const state = status.sql_state ?? /SQLSTATE: ([0-9A-Z]{5})/.exec(message)?.[1] ?? '';
  const condition = /^\s*\[([A-Z0-9_.]+)\]/.exec(message)?.[1];
  const code = codeOf(state, status.error?.error_code ?? '', wrapped !== undefined);
  const place = wrapped === undefined ? null : placeInModel(wrapped, message);
  const grant = code === 'source_permission' ? missingGrant(message) : null;
  const parts = [
    `connection ${connection}`,
    wrapped === undefined ? null : `model ${wrapped.model}`,
    place,
    grant?.missing,
    condition,
    state === '' ? status.error?.error_code : state,
  ];
  return new BackhaulError(code, parts.filter((part) => part != null && part !== '').join(', '), {
    cause: new Error(condition ?? state),
    ...(grant !== null && { action: grant.action }),
  });
}

function codeOf(state: string, errorCode: string, inModel: boolean): ErrorCode {
  if (NAMESPACE_MISSING.includes(state)) {
    return inModel ? 'source_table_missing' : 'source_database_missing';
  }
  if (state !== '') return byState[state] ?? byClass[state.slice(0, 2)] ?? 'source_query_failed';
  return byErrorCode[errorCode] ?? 'source_query_failed';
}
