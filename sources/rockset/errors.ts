import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';

/** ErrorModel of Rockset's published OpenAPI, of which the message is left out: it may quote a value. */
const byType: Readonly<Record<string, ErrorCode>> = {
  AUTHEXCEPTION: 'source_credentials',
  FORBIDDEN: 'source_permission',
  NOTFOUND: 'source_table_missing',
  QUERY_TIMEOUT: 'source_timeout',
  QUERY_CANCELLED: 'source_interrupted',
  RATELIMITEXCEEDED: 'source_quota',
  RESOURCEEXCEEDED: 'source_busy',
  CONTENTTOOLARGE: 'source_result_too_large',
  NOT_READY: 'source_busy',
  SERVICEUNAVAILABLE: 'source_unreachable',
  INTERNALERROR: 'source_unreachable',
  CONNECTION_ERROR: 'source_unreachable',
};
const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'source_credentials',
  403: 'source_permission',
  404: 'source_table_missing',
  408: 'source_timeout',
  429: 'source_quota',
};
const byNetwork: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'source_host_unknown',
  ECONNRESET: 'source_interrupted',
  UND_ERR_SOCKET: 'source_interrupted',
};

const field = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;

/** An answer that is no success. */
export function answerError(where: string, status: number, body: unknown): BackhaulError {
  const type = field(body, 'type');
  const [line, column] = [Number(field(body, 'line')), Number(field(body, 'column'))];
  const placed = Number.isInteger(line) && line > 0;
  const known = (typeof type === 'string' ? byType[type] : undefined) ?? byStatus[status];
  const code =
    known ?? (status >= 500 ? 'source_unreachable' : placed ? 'source_syntax' : 'source_query_failed');
  const parts = [
    where,
    ...(placed ? [`line ${line}, column ${Number.isInteger(column) ? column : 1}`] : []),
    `HTTP ${status}`,
    ...(typeof type === 'string' && /^[A-Z_a-z]{1,40}$/.test(type) ? [type] : []),
  ];
  return new BackhaulError(code, parts.join(', '));
}

/** Of the network, of TLS, or of Node's fetch. */
function codeOf(error: unknown): string | null {
  const code = field(error, 'code');
  return typeof code === 'string' && /^[A-Z][A-Z_\d]+$/.test(code) ? code : null;
}

/** No answer at all. An error without a code of the network may quote the key, and is left out. */
export function networkError(where: string, error: unknown): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const cause = (error as { cause?: unknown }).cause;
  const code = codeOf(cause) ?? codeOf(error);
  if (code === null) return new BackhaulError('source_unreachable', where);
  const isTls = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code);
  return new BackhaulError(
    isTls ? 'source_tls' : (byNetwork[code] ?? 'source_unreachable'),
    `${where}, ${code}`,
    { cause: error },
  );
}
