/** What BigQuery, its token endpoint or the network answered, before it becomes an error of ours. */
export interface Failure {
  /** Of HTTP; null when there was no answer. */
  status: number | null;
  /** BigQuery's own word, such as `accessDenied`, or the code of Node.js, such as `ENOTFOUND`. */
  reason: string;
  /** For finding out what is meant, never to be shown: it may quote a value. */
  text: string;
  /** How many seconds the clock of the worker is ahead of the server's; null when the answer does not say. */
  clockAheadSeconds: number | null;
}

const failed = Symbol('failure');

/** An error that carries what was answered. */
export const failureError = (failure: Failure): Error =>
  Object.assign(new Error(`BigQuery answered ${failure.status ?? 'nothing'} (${failure.reason})`), {
    [failed]: failure,
  });

export function failureOf(error: unknown): Failure | null {
  return error instanceof Error && failed in error ? (error[failed] as Failure) : null;
}

interface ErrorProto {
  reason?: string | null;
  message?: string | null;
}

/** The error of a job that has ended. */
export const jobFailure = ({ reason, message }: ErrorProto): Error =>
  failureError({ status: 200, reason: reason ?? 'unknown', text: message ?? '', clockAheadSeconds: null });

/**
 * An answer that is not 2xx. Its body is Google's `{error: {status, message, errors: [{reason}]}}`, that of a token
 * endpoint `{error, error_description}`, or anything at all from a proxy in between.
 */
export function answerFailure(status: number, body: unknown, date: string | null): Failure {
  const { reason, text } = words(body);
  const serverTime = date === null ? Number.NaN : Date.parse(date);
  return {
    status,
    reason: reason === '' ? `HTTP ${status}` : reason,
    text,
    clockAheadSeconds: Number.isNaN(serverTime) ? null : Math.round((Date.now() - serverTime) / 1000),
  };
}

function words(body: unknown): { reason: string; text: string } {
  if (typeof body !== 'object' || body === null || !('error' in body)) return { reason: '', text: '' };
  const { error } = body;
  if (typeof error === 'string') {
    const description = 'error_description' in body ? String(body.error_description) : '';
    return { reason: error, text: description };
  }
  const { status, message, errors } = error as {
    status?: string;
    message?: string;
    errors?: ErrorProto[];
  };
  return { reason: errors?.[0]?.reason ?? status ?? '', text: message ?? '' };
}

/** A request without an answer, by the code that Node.js gave it, however deep. */
export function networkFailure(error: unknown): Failure {
  let code = '';
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
    const own = (inner as { code?: unknown }).code;
    if (typeof own === 'string' && own !== '') code = own;
  }
  return { status: null, reason: code, text: '', clockAheadSeconds: null };
}
