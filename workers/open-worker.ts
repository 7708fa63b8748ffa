import { rm } from 'node:fs/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import { openDestinations } from '../activities/destinations.ts';
import { openBlobs } from '../blobs/blobs.ts';
import type { Environment } from '../definitions/installation-environment.ts';
import type { TemporalEnvironment } from '../definitions/temporal-environment.ts';
import { openLedger } from '../ledger/connect.ts';
import { checkMigrated } from '../ledger/migrate.ts';
import { openDuckDb } from '../snapshot/duckdb.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { inInstallation } from '../vocabulary/installation.ts';
import { product } from '../vocabulary/product.ts';
import { searchAttributeNames } from '../vocabulary/search-attributes.ts';
import { openHealth } from './health/open-health.ts';
import { ownScratch } from './scratch.ts';
import type { WorkerTelemetry } from './telemetry/open-worker-telemetry.ts';
import { telemetryPlugins } from './telemetry/plugins.ts';
import { syncOfRun } from './telemetry/sync-of-run.ts';
import { workflowBundle } from './telemetry/workflow-bundle.ts';

export interface WorkerOptions {
  environment: Environment;
  temporal: TemporalEnvironment;
  /** Where references of connections are looked up. */
  env: NodeJS.ProcessEnv;
  telemetry: WorkerTelemetry;
  /** Activities at once. More: more lanes on their way; each may hold a page in memory. @default 20 */
  maxActivities?: number;
}

export interface OpenWorker {
  /** Works until `stop` was called, then gives everything back. */
  run(): Promise<void>;
  stop(): void;
}

const MAX_ACTIVITIES = 20;
/** A POST in flight is finished within this (its timeout is 20 s); what takes longer goes to another worker. */
const GRACE_MS = 25_000;
const FORCE_MS = 40_000;
/** How soon a cancel is noticed, at the cost of a heartbeat that often. */
const HEARTBEAT_THROTTLE_MS = 1000;

/** Connects a worker to everything and hosts workflows and activities on the installation's task queue. */
export async function openWorker({
  environment,
  temporal,
  env,
  telemetry,
  maxActivities,
}: WorkerOptions): Promise<OpenWorker> {
  if (environment.databaseUrl === undefined) throw new BackhaulError('ledger_not_configured');
  if (environment.blobs === undefined) throw new BackhaulError('blobs_not_configured');
  const activityLimit = maxActivities ?? MAX_ACTIVITIES;
  const ledger = openLedger({
    databaseUrl: environment.databaseUrl,
    schema: environment.databaseSchema,
    maxConnections: activityLimit,
  });
  const closing: (() => Promise<void> | void)[] = [() => ledger.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.reverse()) await step();
  };
  try {
    await checkMigrated(ledger);
    const connection = await connectTemporal(temporal);
    closing.push(() => connection.close());
    const scratch = await ownScratch(environment.scratch);
    closing.push(() => rm(scratch, { recursive: true, force: true }));
    const duckdb = await openDuckDb({ scratch });
    closing.push(() => duckdb.close());
    const destinations = openDestinations(environment);
    closing.push(() => destinations.close());
    const blobs = openBlobs(environment.blobs);
    const { metrics, traces } = telemetry;
    const { installation } = environment;
    const worker = await Worker.create({
      connection,
      namespace: temporal.namespace,
      taskQueue: inInstallation(environment.installation, environment.taskQueue),
      workflowBundle: { codePath: workflowBundle(traces !== null) },
      plugins: await telemetryPlugins(traces, { installation, metrics, syncOf: syncOfRun(ledger) }),
      activities: createActivities({
        ledger,
        blobs,
        duckdb,
        destinations,
        metrics,
        env,
        installation: environment.installation,
        encryptionKeys: environment.encryptionKeys,
        allowedEndpoints: environment.allowedEndpoints,
        links: { uiUrl: environment.temporalUiUrl ?? null, namespace: temporal.namespace },
        searchAttributes: await hasSearchAttributes(connection, temporal.namespace),
        product,
      }),
      maxConcurrentActivityTaskExecutions: activityLimit,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
      shutdownGraceTime: GRACE_MS,
      shutdownForceTime: FORCE_MS,
    });
    const { databaseUrl } = environment;
    const { namespace } = temporal;
    closing.push(
      await openHealth({
        environment,
        databaseUrl,
        blobs,
        scratch,
        connection,
        namespace,
        worker,
        telemetry,
      }),
    );
    return {
      async run() {
        try {
          await worker.run();
        } finally {
          await close();
        }
      },
      stop: () => worker.shutdown(),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connectTemporal({ connectionOptions }: TemporalEnvironment): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connectionOptions);
  } catch (error) {
    throw new BackhaulError('temporal_unreachable', connectionOptions.address, { cause: error });
  }
}

/** A namespace without them, or one where this may not be asked, is done without. */
async function hasSearchAttributes(connection: NativeConnection, namespace: string): Promise<boolean> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return searchAttributeNames.every((name) => name in customAttributes);
  } catch {
    return false;
  }
}
