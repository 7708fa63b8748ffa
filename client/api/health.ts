import { checkMigrated } from '../../ledger/migrate.ts';
import { checkTemporal } from '../../telemetry/check-temporal.ts';
import { openReadiness, type Readiness } from '../../telemetry/readiness.ts';
import { blobName } from '../../vocabulary/ids.ts';
import type { ClientConnection } from '../connection.ts';

/** Whether what the API works with answers. */
export const readinessOf = ({ blobs, ledger, temporal }: ClientConnection): Readiness =>
  openReadiness([
    {
      name: 'temporal',
      silent: 'temporal_unreachable',
      check: () => checkTemporal(temporal.workflowService, temporal.options.namespace),
    },
    { name: 'ledger', silent: 'ledger_unreachable', check: () => checkMigrated(ledger) },
    {
      name: 'blobs',
      silent: 'blobs_unavailable',
      // It writes none itself, so it may be without the right to.
      check: async () => void (await blobs.exists(blobName('ready'))),
    },
  ]);
