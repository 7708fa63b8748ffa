import { Migrator, sql, type Migration } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { isOnline } from './online-migration.ts';
import { openLedger, ledgerError, type Ledger, type LedgerOptions } from './connect.ts';
import * as initial from './migrations/0001-initial.ts';
import * as reading from './migrations/0002-reading.ts';
import * as connect from './migrations/0003-connect.ts';
import * as approval from './migrations/0004-approval.ts';
import * as selections from './migrations/0005-selections.ts';
import * as moving from './migrations/0006-moving.ts';
import * as removals from './migrations/0007-removals.ts';
import * as schedules from './migrations/0008-schedules.ts';
import * as api from './migrations/0009-api.ts';
import * as writebacks from './migrations/0010-writebacks.ts';
import * as censusIds from './migrations/0011-census-ids.ts';
import * as alerts from './migrations/0012-alerts.ts';
import * as notificationTurns from './migrations/0013-notification-turns.ts';
import * as namedSelections from './migrations/0015-named-selections.ts';

const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-reading': reading,
  '0003-connect': connect,
  '0004-approval': approval,
  '0005-selections': selections,
  '0006-moving': moving,
  '0007-removals': removals,
  '0008-schedules': schedules,
  '0009-api': api,
  '0010-writebacks': writebacks,
  '0011-census-ids': censusIds,
  '0012-alerts': alerts,
  '0013-notification-turns': notificationTurns,
  '0015-named-selections': namedSelections,
};

/**
 * Brings the ledger's schema to this version. Safe to run twice and from two places at once: it holds an
 * advisory lock, and each migration is applied in a transaction.
 *
 * @returns the names of the migrations that were applied now
 */
export async function migrateLedger(options: LedgerOptions): Promise<string[]> {
  const ledger = openLedger({ ...options, maxConnections: 2 });
  try {
    await createSchema(ledger);
    const { error, results } = await migrator(ledger).migrateToLatest();
    if (error !== undefined) {
      await checkMigrated(ledger);
      throw error as Error;
    }
    return (results ?? [])
      .filter((result) => result.status === 'Success')
      .map((result) => result.migrationName);
  } catch (error) {
    throw ledgerError(error);
  } finally {
    await ledger.close();
  }
}

/** In the name of a migration that code of before it cannot work with, such as `0042-breaking-keys`. */
const BREAKING = 'breaking';

/** How the schema stands to this version. */
export interface SchemaDifference {
  /** What `migrate` would apply; `online`: while runs are going on. */
  missing: { name: string; online: boolean; breaking: boolean }[];
  /** Of newer versions, and this one works with it all the same. */
  newer: string[];
  /** Of newer versions, and this one cannot work with it. */
  tooNew: string[];
}

/** @throws ledger_not_migrated when there is no schema at all */
export async function compareSchema(ledger: Ledger): Promise<SchemaDifference> {
  const applied = await appliedMigrations(ledger);
  const unknown = [...applied].filter((name) => !(name in migrations));
  const missing = Object.entries(migrations).filter(([name]) => !applied.has(name));
  return {
    missing: await Promise.all(
      missing.map(async ([name, migration]) => ({
        name,
        online: await isOnline(migration),
        breaking: name.includes(BREAKING),
      })),
    ),
    newer: unknown.filter((name) => !name.includes(BREAKING)),
    tooNew: unknown.filter((name) => name.includes(BREAKING)),
  };
}

/**
 * Fails with `ledger_not_migrated` or `ledger_too_new` when this version cannot work with the schema. One that a newer version
 * has merely added to is worked with, so that old workers go on, and start anew, while an upgrade is rolled out.
 */
export async function checkMigrated(ledger: Ledger): Promise<void> {
  const { missing, tooNew } = await compareSchema(ledger);
  if (tooNew.length > 0) throw new BackhaulError('ledger_too_new', `unknown: ${tooNew.join(', ')}`);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name);
    throw new BackhaulError('ledger_not_migrated', `missing: ${names.join(', ')}`);
  }
}

async function appliedMigrations(ledger: Ledger): Promise<Set<string>> {
  try {
    const rows = await sql<{ name: string }>`select name from kysely_migration`.execute(ledger.db);
    return new Set(rows.rows.map((row) => row.name));
  } catch (error) {
    throw ledgerError(error);
  }
}

function migrator(ledger: Ledger): Migrator {
  return new Migrator({
    db: ledger.db,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: ledger.schema,
  });
}

/** `create schema if not exists` races with itself; the loser finds the schema there. */
async function createSchema(ledger: Ledger): Promise<void> {
  try {
    await sql`create schema if not exists ${sql.id(ledger.schema)}`.execute(ledger.db);
  } catch (error) {
    const exists = await sql`select 1 from pg_namespace where nspname = ${ledger.schema}`.execute(ledger.db);
    if (exists.rows.length === 0) throw error;
  }
}
