import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ConnectionDefinition } from './connection.ts';
import type { ResolvedConnection } from './references.ts';

/**
 * Refuses a connection from the HTTP API that signs in as the worker itself: its sender would read all that the machine's account
 * may read.
 *
 * @param isAllowed the operator lets it
 * @throws worker_identity_not_allowed
 */
export function requireOwnCredentials(
  name: string,
  connection: ConnectionDefinition | ResolvedConnection,
  isAllowed: boolean,
): void {
  if (!isAllowed && usesWorkerIdentity(connection))
    throw new BackhaulError('worker_identity_not_allowed', `connection ${name}`);
}

function usesWorkerIdentity(connection: ConnectionDefinition | ResolvedConnection): boolean {
  switch (connection.type) {
    case 'bigquery':
    case 'google_sheets':
      return connection.credentials === undefined;
    case 'redshift': {
      const asksAws =
        connection.auth === 'iam' || connection.read === 'unload' || connection.read === 'data_api';
      return asksAws && (connection.accessKeyId === undefined || connection.secretAccessKey === undefined);
    }
    default:
      return false;
  }
}
