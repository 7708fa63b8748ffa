import { openBlobs } from '../blobs/blobs.ts';
import { readDevFile } from '../definitions/dev-file.ts';
import { readEnvironment, type Environment } from '../definitions/installation-environment.ts';
import { readTemporalEnvironment, type TemporalEnvironment } from '../definitions/temporal-environment.ts';
import { openLedger } from '../ledger/connect.ts';
import { checkMigrated } from '../ledger/migrate.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { inInstallation } from '../vocabulary/installation.ts';
import { isThroughApi } from './is-through-api.ts';
import { connectTemporal } from './connect-temporal.ts';
import type { ClientConnection } from './connection.ts';
import { openWaits } from './while-open.ts';

const DEV_NAMESPACE = 'default';

export interface Reachable {
  databaseUrl: string;
  databaseSchema: string;
  blobs: string;
  temporal: TemporalEnvironment;
  uiUrl: string | null;
  environment: Environment;
}

/**
 * Where the installation is: what the environment says when BACKHAUL_DATABASE_URL is set, else the `backhaul dev` that
 * runs on BACKHAUL_HOME, whose Temporal is then taken too.
 */
export async function findInstallation(env: NodeJS.ProcessEnv): Promise<Reachable> {
  if (isThroughApi(env)) {
    throw new BackhaulError('api_direct_only', 'BACKHAUL_URL is set');
  }
  const environment = readEnvironment(env);
  if (environment.databaseUrl !== undefined) {
    if (environment.blobs === undefined) throw new BackhaulError('blobs_not_configured');
    return {
      databaseUrl: environment.databaseUrl,
      databaseSchema: environment.databaseSchema,
      blobs: environment.blobs,
      temporal: readTemporalEnvironment(env),
      uiUrl: environment.temporalUiUrl ?? null,
      environment,
    };
  }
  const dev = await readDevFile(environment.home);
  if (dev === null) throw new BackhaulError('ledger_not_configured');
  // What is stored here is read by the worker of that dev.
  const { encryptionKeys } = readEnvironment({ BACKHAUL_ENCRYPTION_KEYS: dev.encryptionKeys });
  return {
    databaseUrl: dev.databaseUrl,
    databaseSchema: environment.databaseSchema,
    blobs: dev.blobs,
    temporal: { connectionOptions: { address: dev.temporalAddress }, namespace: DEV_NAMESPACE },
    uiUrl: dev.uiUrl,
    environment: { ...environment, encryptionKeys },
  };
}

export async function openConnection(
  env: NodeJS.ProcessEnv,
  { checkSchema = true }: { checkSchema?: boolean } = {},
): Promise<ClientConnection & { environment: Environment; close(): Promise<void> }> {
  const found = await findInstallation(env);
  const { installation, taskQueue } = found.environment;
  const temporal = await connectTemporal(found.temporal);
  const { end: endWaits, whileOpen } = openWaits(temporal.connection);
  const ledger = openLedger({ databaseUrl: found.databaseUrl, schema: found.databaseSchema });
  try {
    if (checkSchema) await checkMigrated(ledger);
  } catch (error) {
    await ledger.close();
    await temporal.connection.close();
    throw error;
  }
  return {
    temporal,
    ledger,
    blobs: openBlobs(found.blobs),
    installation,
    environment: found.environment,
    encryptionKeys: found.environment.encryptionKeys,
    taskQueue: inInstallation(installation, taskQueue),
    links: { uiUrl: found.uiUrl, namespace: found.temporal.namespace },
    whileOpen,
    async close() {
      endWaits();
      await ledger.close();
      await temporal.connection.close();
    },
  };
}
