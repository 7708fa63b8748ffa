import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { textsOf } from './hosts.ts';
import { piecesOf } from './reference-syntax.ts';
import type { Definitions } from './schema.ts';
import { literalSecretsOf } from './secrets.ts';

/** What the operator lets definitions from the HTTP API do. */
export interface ApiPermissions {
  /** Names of environment variables that they may refer to. */
  variables: readonly string[];
  /** Hosts and networks (CIDR) inside that they may lead to. */
  networks: readonly string[];
}

type Connection = Definitions['connections'][string];

/**
 * Refuses a connection from the HTTP API that would read what its sender need not know: variables that are not listed, files of
 * the worker.
 *
 * @throws reference_not_allowed, definitions_invalid
 */
export function checkReferences(name: string, connection: Connection, variables: readonly string[]): void {
  const literal = literalSecretsOf(connection);
  if (literal.length > 0) {
    throw new BackhaulError('definitions_invalid', `connection ${name}: ${literal.join(', ')} is a secret`, {
      action:
        'Send it in `secrets` of POST /v1/connections, or refer to a variable that the operator has listed.',
    });
  }
  for (const [field, value] of textsOf(connection)) {
    for (const piece of piecesOf(value)) {
      if (piece.kind === 'file')
        throw new BackhaulError('reference_not_allowed', `connection ${name}, ${field}: a file`);
      if (piece.kind === 'variable' && !variables.includes(piece.name))
        throw new BackhaulError('reference_not_allowed', `connection ${name}, ${field}: ${piece.name}`);
    }
    if (pathsIn(field, value).length > 0)
      throw new BackhaulError('reference_not_allowed', `connection ${name}, ${field}: a file`);
  }
}

const CERTIFICATE_FIELDS = ['sslrootcert', 'ca'];
/** Of a URL: https://www.postgresql.org/docs/current/libpq-connect.html, https://dev.mysql.com/doc/refman/8.4/en/connection-options.html */
const FILE_PARAMETERS = ['sslrootcert', 'sslcert', 'sslkey', 'ssl-ca'];

/** Certificates and keys that are named by their path on the worker, and not given as they are. */
function pathsIn(field: string, text: string): string[] {
  const named = CERTIFICATE_FIELDS.includes(field)
    ? [text]
    : URL.canParse(text)
      ? FILE_PARAMETERS.flatMap((name) => new URL(text).searchParams.getAll(name))
      : [];
  return named.filter((one) => one !== 'system' && !one.includes('-----BEGIN') && !one.startsWith('${'));
}
