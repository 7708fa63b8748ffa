import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { textsOf } from './hosts.ts';
import { requireNoFiles } from './named-files.ts';
import { formatReference, piecesOf, type Reference } from './reference-syntax.ts';
import type { Definitions } from './schema.ts';
import { literalSecretsOf } from './secrets.ts';

/** What the operator lets definitions from the HTTP API do. */
export interface ApiPermissions {
  /** Names of environment variables that they may refer to. */
  variables: readonly string[];
  /** Hosts and networks (CIDR) inside that they may lead to. */
  networks: readonly string[];
  /** They may use the cloud identity of the workers. */
  workerIdentity: boolean;
}

type Connection = Definitions['connections'][string];
/** Sent beside a connection, by field. */
type Secrets = Readonly<Record<string, string>>;

/**
 * Refuses a connection from the HTTP API that would read what its sender need not know: variables that are not listed, files of
 * the worker.
 *
 * @throws reference_not_allowed, definitions_invalid
 */
export function checkReferences(
  name: string,
  connection: Connection,
  variables: readonly string[],
  secrets: Secrets,
): void {
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
  }
  requireNoFiles(name, connection, presumed(connection, secrets));
}

/** A connection with the secrets that were sent beside it: an address may stand in one, or the path of a file. */
export const withSecrets = (connection: Connection, secrets: Secrets): Connection =>
  Object.fromEntries(
    Object.entries(connection).map(([field, value]: [string, unknown]) => [
      field,
      typeof value === 'string' ? filled(value, secrets, formatReference) : value,
    ]),
  ) as Connection;

/** A variable stands for something that fits anywhere: the port of an address as well as its user. */
const ANY = '1';

/** As much of what a worker will see as is known here. What a stored secret stands for as a whole is for the worker to judge. */
const presumed = (connection: Connection, secrets: Secrets): object =>
  Object.fromEntries(
    textsOf(connection).flatMap(([field, text]) => {
      const [first, ...others] = piecesOf(text);
      const isUnknown =
        first?.kind === 'secret' && others.length === 0 && !Object.hasOwn(secrets, first.field);
      return isUnknown ? [] : [[field, filled(text, secrets, () => ANY)]];
    }),
  );

const filled = (text: string, secrets: Secrets, other: (reference: Reference) => string): string =>
  piecesOf(text)
    .map((piece) => {
      if (piece.kind === 'text') return piece.text;
      if (piece.kind === 'malformed') return '';
      const secret = piece.kind === 'secret' && Object.hasOwn(secrets, piece.field) && secrets[piece.field];
      return typeof secret === 'string' ? secret : other(piece);
    })
    .join('');
