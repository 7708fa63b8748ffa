/** An answer of ours in place of the emulator's. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** An error as Google's APIs word it. https://cloud.google.com/bigquery/docs/error-messages */
export const googleError = (status: number, reason: string, message: string, grpc: string): Answer => ({
  status,
  body: {
    error: { code: status, message, errors: [{ message, domain: 'global', reason }], status: grpc },
  },
});

export const unauthenticated = (): Answer => ({
  ...googleError(
    401,
    'authError',
    'Request had invalid authentication credentials. Expected OAuth 2 access token.',
    'UNAUTHENTICATED',
  ),
  headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' },
});

export const denied = (what: string): Answer =>
  googleError(403, 'accessDenied', `Access Denied: ${what}`, 'PERMISSION_DENIED');
