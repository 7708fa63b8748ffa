import { ledgerError } from '../../ledger/connect.ts';
import { product } from '../../vocabulary/product.ts';
import { openConnection } from '../environment.ts';
import { checkDefinitions } from './check-definitions.ts';
import { checkLedger } from './check-ledger.ts';
import { checkOpenRuns, type ReplayHistory } from './check-open-runs.ts';
import { checkSchedules } from './check-schedules.ts';
import { checkSearchAttributes } from './check-search-attributes.ts';
import { checkTemporal } from './check-temporal.ts';
import { checked, type Checked } from './checked.ts';

export interface UpgradeCheck {
  /** That the installation was compared with. */
  version: string;
  /** Whether nothing fails; what warns is for a person to weigh. */
  passes: boolean;
  checks: Checked[];
}

/** Compares the running installation with this version. Changes nothing. */
export async function checkUpgrade(env: NodeJS.ProcessEnv, replay: ReplayHistory): Promise<UpgradeCheck> {
  // Of a ledger that is yet to be migrated is told here, and is no reason to stop.
  const connection = await openConnection(env, { checkSchema: false });
  try {
    const build = env.TEMPORAL_WORKER_BUILD_ID;
    const checks = [
      await checkLedger(connection),
      await checkTemporal(connection),
      await checkSearchAttributes(connection),
      ...(await checkOpenRuns(connection, { replay, build })),
      await onceMigrated('definitions', () => checkDefinitions(connection)),
      await onceMigrated('schedules', () => checkSchedules(connection)),
    ];
    return {
      version: product.version,
      passes: checks.every(({ verdict }) => verdict !== 'fails'),
      checks,
    };
  } finally {
    await connection.close();
  }
}

/** What reads tables that only a migration of this version makes can be asked for after it. */
async function onceMigrated(check: string, look: () => Promise<Checked>): Promise<Checked> {
  try {
    return await look();
  } catch (error) {
    if (ledgerError(error).code !== 'ledger_not_migrated') throw error;
    return checked(check, { warning: ['can be told once the ledger is migrated'] });
  }
}
