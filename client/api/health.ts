import { checkMigrated } from '../../ledger/migrate.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { blobName } from '../../vocabulary/ids.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import type { ClientConnection } from '../connection.ts';

const PATIENCE_MS = 5000;

export interface Readiness {
  ready: boolean;
  /** By part: null, or the code of what is wrong with it. */
  checks: Record<'temporal' | 'ledger' | 'blobs', ErrorCode | null>;
}

/** Whether what the API works with answers now. */
export async function readinessOf(connection: ClientConnection): Promise<Readiness> {
  const { blobs, ledger, temporal } = connection;
  const [temporalFault, ledgerFault, blobsFault] = await Promise.all([
    faultOf('temporal_unreachable', () =>
      temporal.connection.withDeadline(Date.now() + PATIENCE_MS, () =>
        temporal.workflowService.describeNamespace({ namespace: temporal.options.namespace }),
      ),
    ),
    faultOf('ledger_unreachable', () => checkMigrated(ledger)),
    faultOf('blobs_unavailable', () => blobs.exists(blobName('ready'))),
  ]);
  const checks = { temporal: temporalFault, ledger: ledgerFault, blobs: blobsFault };
  return { ready: Object.values(checks).every((fault) => fault === null), checks };
}

async function faultOf(unless: ErrorCode, check: () => Promise<unknown>): Promise<ErrorCode | null> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      check(),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new BackhaulError(unless)), PATIENCE_MS);
      }),
    ]);
    return null;
  } catch (error) {
    return error instanceof BackhaulError ? error.code : unless;
  } finally {
    clearTimeout(timer);
  }
}
