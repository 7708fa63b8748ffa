import type { ConnectionDefinition } from '../definitions/connection.ts';
import { digestDefinition } from '../definitions/difference.ts';
import { storedSecretsIn } from '../definitions/reference-syntax.ts';
import { writeDefinitions } from '../ledger/definitions.ts';
import { removeDraft, removeForgottenDrafts, writeDraft } from '../ledger/connection-drafts.ts';
import { rotateSecrets, sealAll, storedFields } from '../ledger/secrets.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { installedDefinitions } from './apply.ts';
import type { ClientConnection } from './connection.ts';
import { requireWhole } from './definitions-after.ts';
import { checkConnection, type ConnectionCheck } from './on-worker.ts';

/** A connection whose secrets are apart from it. */
export interface ConnectionWithSecrets {
  /** Refers to its secrets by `${secret:field}`. */
  definition: ConnectionDefinition;
  /** By field. */
  secrets: Readonly<Record<string, string>>;
}

/**
 * Checks a connection from a worker before it is stored. Its secrets go there encrypted, through the ledger, and are removed again.
 *
 * @throws what is wrong with it
 */
export async function checkBeforeStoring(
  connection: ClientConnection,
  name: string,
  { definition, secrets }: ConnectionWithSecrets,
): Promise<ConnectionCheck> {
  const { encryptionKeys, ledger } = connection;
  const draft = await writeDraft(ledger.db, encryptionKeys, definition, secrets);
  try {
    return await checkConnection(connection, name, { draft });
  } finally {
    await removeDraft(ledger.db, draft);
  }
}

/**
 * Stores connections, all of them or none, as new versions; their secrets encrypted.
 *
 * @throws encryption_keys_missing; definitions_invalid when what is installed could not work with them, or a secret is missing
 */
export async function storeConnections(
  connection: ClientConnection,
  connections: Readonly<Record<string, ConnectionWithSecrets>>,
): Promise<void> {
  const { encryptionKeys, ledger } = connection;
  await requireSecrets(connection, connections);
  const installed = await installedDefinitions(connection);
  const given = Object.entries(connections).map(([name, { definition }]) => [name, definition] as const);
  requireWhole({ ...installed, connections: { ...installed.connections, ...Object.fromEntries(given) } });
  await writeDefinitions(
    ledger.db,
    Object.entries(connections).map(([name, { definition, secrets }]) => ({
      kind: 'connection',
      name,
      document: definition,
      digest: digestDefinition(definition),
      secrets: sealAll(encryptionKeys, name, secrets),
    })),
  );
}

async function requireSecrets(
  { ledger }: ClientConnection,
  connections: Readonly<Record<string, ConnectionWithSecrets>>,
): Promise<void> {
  for (const [name, { definition, secrets }] of Object.entries(connections)) {
    const known = new Set([...Object.keys(secrets), ...(await storedFields(ledger.db, name))]);
    const missing = storedSecretsIn(definition).filter((field) => !known.has(field));
    if (missing.length === 0) continue;
    throw new BackhaulError(
      'definitions_invalid',
      `connection ${name}: no secret for ${missing.join(', ')}`,
      {
        action: 'Give each secret that the connection refers to along with it.',
      },
    );
  }
}

/** Encrypts every stored secret with the first of the encryption keys. */
export async function rotateKey({
  encryptionKeys,
  ledger,
}: ClientConnection): Promise<{ rotated: number; secrets: number }> {
  // Their key may be lost, and nobody could store them anew.
  await removeForgottenDrafts(ledger.db);
  return rotateSecrets(ledger.db, encryptionKeys);
}
