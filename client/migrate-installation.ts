import { migrateLedger } from '../ledger/migrate.ts';
import { connectTemporal } from './connect-temporal.ts';
import { findInstallation } from './environment.ts';
import { registerSearchAttributes } from './register-search-attributes.ts';

export interface Migrated {
  /** The migrations that were due. */
  migrations: string[];
  /** The attributes that were registered; null: that was not allowed. */
  searchAttributes: string[] | null;
}

/** Brings the ledger's schema and Temporal's search attributes to this version. */
export async function migrateInstallation(env: NodeJS.ProcessEnv): Promise<Migrated> {
  const { databaseSchema, databaseUrl, temporal } = await findInstallation(env);
  const migrations = await migrateLedger({ databaseUrl, schema: databaseSchema });
  const client = await connectTemporal(temporal);
  const searchAttributes = await registerSearchAttributes(client).finally(() => client.connection.close());
  return { migrations, searchAttributes };
}
