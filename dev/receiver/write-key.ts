import type { IncomingHttpHeaders } from 'node:http';

/** The write key of a request: the body's, else the user of Basic. A Bearer token comes with the key in the body. */
export const writeKeyOf = (inBody: unknown, { authorization }: IncomingHttpHeaders): string =>
  typeof inBody === 'string' && inBody !== '' ? inBody : basicUser(authorization ?? '');

function basicUser(authorization: string): string {
  const [scheme = '', credentials = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'basic') return '';
  return Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0] ?? '';
}
