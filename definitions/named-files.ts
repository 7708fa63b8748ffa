import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { textsOf } from './hosts.ts';
import { piecesOf } from './reference-syntax.ts';

const CERTIFICATE_FIELDS = ['sslrootcert', 'ca'];
/** Of a URL: https://www.postgresql.org/docs/current/libpq-connect.html, https://dev.mysql.com/doc/refman/8.4/en/connection-options.html */
const FILE_PARAMETERS = ['sslrootcert', 'sslcert', 'sslkey', 'ssl-ca'];

/**
 * Refuses a connection from the HTTP API that names a certificate or a key by its path on the worker. A field that comes whole from
 * a variable is the operator's choice.
 *
 * @param written as it is stored
 * @param resolved the same with its references replaced, as far as they are known
 * @throws reference_not_allowed
 */
export function requireNoFiles(name: string, written: object, resolved: object): void {
  const operators = new Set(textsOf(written).flatMap(([field, text]) => (isVariable(text) ? [field] : [])));
  const field = textsOf(resolved).find(([one, text]) => !operators.has(one) && namesFile(one, text))?.[0];
  if (field !== undefined)
    throw new BackhaulError('reference_not_allowed', `connection ${name}, ${field}: a file`);
}

function isVariable(text: string): boolean {
  const pieces = piecesOf(text);
  return pieces.length === 1 && pieces[0]?.kind === 'variable';
}

function namesFile(field: string, text: string): boolean {
  const named = CERTIFICATE_FIELDS.includes(field)
    ? [text]
    : FILE_PARAMETERS.flatMap((parameter) => parametersOf(text).getAll(parameter));
  return named.some((one) => one !== 'system' && !one.includes('-----BEGIN'));
}

/** Also of an address that is not whole yet. */
const parametersOf = (text: string): URLSearchParams =>
  URL.canParse(text) ? new URL(text).searchParams : new URLSearchParams(/\?(.*)/s.exec(text)?.[1]);
