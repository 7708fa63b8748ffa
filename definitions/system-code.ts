/** `ENOENT` and the like, of an error of Node's; null of any other. Such a code holds no path and no value. */
export function systemCode(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? code : null;
}
