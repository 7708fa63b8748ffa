import type { ConnectionDefinition } from './connection.ts';
import { piecesOf } from './reference-syntax.ts';

/** Fields that are a secret as a whole. */
export const secretFields: readonly string[] = [
  'writeKey',
  'signingSecret',
  'authorization',
  'webhookUrl',
  'password',
  'privateKey',
  'privateKeyPassphrase',
  'oauthToken',
  'accessToken',
  'token',
  'clientSecret',
  'apiKey',
  'credentials',
  'secretAccessKey',
  'sessionToken',
];

/** Fields that may hold a secret among other things. */
export const urlFields: readonly string[] = ['url'];

const hasPlainText = (text: string): boolean => piecesOf(text).some((piece) => piece.kind === 'text');

/** The passwords of a database URL: in `user:password@`, and in `?password=`, both of which PostgreSQL's clients read. */
function passwordsOf(url: string): string[] {
  const [beforeQuery = '', query = ''] = splitOnce(url, '?');
  const authority = /^[^:]*:\/\/(.*)@/s.exec(beforeQuery)?.[1] ?? '';
  const password = splitOnce(authority, ':')[1];
  const inQuery = query.split('&').flatMap((pair) => {
    const [name = '', value = ''] = splitOnce(pair, '=');
    return /pass/i.test(name) ? [value] : [];
  });
  return [...(password === undefined ? [] : [password]), ...inQuery].filter((text) => text !== '');
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Whether a field holds a secret itself, in whole or in part, and not only a reference to it. */
export function isLiteralSecret(field: string, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (secretFields.includes(field)) return hasPlainText(value);
  return urlFields.includes(field) && passwordsOf(value).some(hasPlainText);
}

export const literalSecretsOf = (connection: ConnectionDefinition): string[] =>
  Object.entries(connection)
    .filter(([field, value]) => isLiteralSecret(field, value))
    .map(([field]) => field);

/**
 * The variable to keep a connection's secret in.
 *
 * @example
 * suggestVariable('segment', 'writeKey') // 'SEGMENT_WRITE_KEY'
 */
export function suggestVariable(connection: string, field: string): string {
  const words = `${connection}_${field.replace(/([a-z])([A-Z])/g, '$1_$2')}`
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
  // A variable cannot begin with a digit, and ours are not for connections to read.
  return /^(\d|BACKHAUL_|TEMPORAL_)/.test(words) ? `CONNECTION_${words}` : words;
}
