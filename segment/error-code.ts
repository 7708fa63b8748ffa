/** The code of a network error, such as ECONNREFUSED. Never its text, which may hold a URL. */
export function errorCodeOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'ETIMEDOUT';
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'network_error';
}
