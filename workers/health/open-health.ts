import type { NativeConnection, Worker } from '@temporalio/worker';
import { checkBlobs } from '../../blobs/check-blobs.ts';
import type { Blobs } from '../../blobs/blobs.ts';
import type { Environment } from '../../definitions/installation-environment.ts';
import { openLedger } from '../../ledger/connect.ts';
import { checkMigrated } from '../../ledger/migrate.ts';
import { checkTemporal } from '../../telemetry/check-temporal.ts';
import { openReadiness } from '../../telemetry/readiness.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { WorkerTelemetry } from '../telemetry/open-worker-telemetry.ts';
import { checkScratch } from './check-scratch.ts';
import { serveHealth } from './serve-health.ts';

export interface HealthSubjects {
  environment: Environment;
  databaseUrl: string;
  blobs: Blobs;
  scratch: string;
  connection: NativeConnection;
  namespace: string;
  worker: Pick<Worker, 'getState'>;
  telemetry: Pick<WorkerTelemetry, 'log' | 'metricsSource'>;
}

/** Health and metrics of a worker, where BACKHAUL_WORKER_PORT asks for them. @returns what ends them */
export async function openHealth(subjects: HealthSubjects): Promise<() => Promise<void>> {
  const { blobs, connection, environment, namespace, scratch, telemetry, worker } = subjects;
  const { host, workerPort } = environment;
  if (workerPort === undefined) return async () => undefined;
  // A session of its own: one of the activities' pool may be long in coming, and the ledger is well all the same.
  const ledger = openLedger({
    databaseUrl: subjects.databaseUrl,
    schema: environment.databaseSchema,
    maxConnections: 1,
  });
  const readiness = openReadiness([
    {
      name: 'temporal',
      silent: 'temporal_unreachable',
      async check() {
        if (worker.getState() !== 'RUNNING') throw new BackhaulError('worker_not_polling');
        await checkTemporal(connection.workflowService, namespace);
      },
    },
    { name: 'ledger', silent: 'ledger_unreachable', check: () => checkMigrated(ledger) },
    { name: 'blobs', silent: 'blobs_unavailable', check: () => checkBlobs(blobs) },
    { name: 'scratch', silent: 'scratch_unwritable', check: () => checkScratch(scratch) },
  ]);
  try {
    const { metricsSource } = telemetry;
    const server = await serveHealth({ host, port: workerPort, readiness, metricsSource });
    telemetry.log.info({ host, port: server.port }, 'health and metrics are served');
    return async () => {
      await server.close();
      await ledger.close();
    };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}
