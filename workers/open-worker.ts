import { rm } from 'node:fs/promises';
import { GracefulShutdownPeriodExpiredError } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import { openDestinations } from '../activities/destinations.ts';
import { openBlobs } from '../blobs/blobs.ts';
import type { Environment } from '../definitions/installation-environment.ts';
import type { TemporalEnvironment } from '../definitions/temporal-environment.ts';
import type { WorkerSettings } from '../definitions/worker-environment.ts';
import { openLedger } from '../ledger/connect.ts';
import { checkMigrated } from '../ledger/migrate.ts';
import { openDuckDb } from '../snapshot/duckdb.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { inInstallation } from '../vocabulary/installation.ts';
import { product } from '../vocabulary/product.ts';
import { connectTemporal } from './connect-temporal.ts';
import { hasSearchAttributes } from './has-search-attributes.ts';
import { openHealth } from './health/open-health.ts';
import { sayWhatServerLacks } from './server-version.ts';
import { ownScratch } from './scratch.ts';
import { forceAfter, openShutdown } from './shutdown.ts';
import { openTaskQueues, type TaskQueues } from './task-queues.ts';
import type { WorkerTelemetry } from './telemetry/open-worker-telemetry.ts';
import { telemetryPlugins } from './telemetry/plugins.ts';
import { syncOfRun } from './telemetry/sync-of-run.ts';
import { workflowBundle } from './telemetry/workflow-bundle.ts';
import { versioningOf } from './versioning.ts';

export interface WorkerOptions {
  environment: Environment;
  temporal: TemporalEnvironment;
  /** Where references of connections are looked up. */
  env: NodeJS.ProcessEnv;
  telemetry: WorkerTelemetry;
  settings: WorkerSettings;
}

export interface OpenWorker {
  /** Works until `stop` was called, then gives everything back. Fails with `worker_stopped` when a step did not end. */
  run(): Promise<void>;
  /** Finishes or hands back what is under way; called again, gives up what is not finished. */
  stop(): void;
  /** Whether something was given up, which goes on until the process ends. */
  hasGivenUp(): boolean;
}

/** How soon a cancel is noticed, at the cost of a heartbeat that often. */
const HEARTBEAT_THROTTLE_MS = 1000;

/** Connects a worker to everything and hosts workflows and activities on the installation's task queue. */
export async function openWorker({
  environment,
  temporal,
  env,
  telemetry,
  settings,
}: WorkerOptions): Promise<OpenWorker> {
  if (environment.databaseUrl === undefined) throw new BackhaulError('ledger_not_configured');
  if (environment.blobs === undefined) throw new BackhaulError('blobs_not_configured');
  const ledger = openLedger({
    databaseUrl: environment.databaseUrl,
    schema: environment.databaseSchema,
    maxConnections: settings.maxActivities,
  });
  const closing: (() => Promise<void> | void)[] = [() => ledger.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.reverse()) await step();
  };
  const report = (line: string): void => telemetry.log.warn(line);
  try {
    await checkMigrated(ledger);
    const connection = await connectTemporal(temporal);
    closing.push(() => connection.close());
    await sayWhatServerLacks(connection, report);
    const scratch = await ownScratch(environment.scratch);
    closing.push(() => rm(scratch, { recursive: true, force: true }));
    const duckdb = await openDuckDb({ scratch, ...settings.duckDb });
    closing.push(() => duckdb.close());
    const destinations = openDestinations(environment);
    closing.push(() => destinations.close());
    const blobs = openBlobs(environment.blobs);
    const { metrics, traces } = telemetry;
    const { installation } = environment;
    const { namespace } = temporal;
    const shutdown = openShutdown(settings.shutdownGraceMs);
    const activities = createActivities({
      ledger,
      blobs,
      duckdb,
      destinations,
      metrics,
      env,
      installation,
      encryptionKeys: environment.encryptionKeys,
      allowedEndpoints: environment.allowedEndpoints,
      allowedNetworks: environment.allowedNetworks,
      apiWorkerIdentity: environment.apiWorkerIdentity,
      links: { uiUrl: environment.temporalUiUrl ?? null, namespace },
      searchAttributes: await hasSearchAttributes(connection, namespace, report),
      servesRoles: () => queues.servesRoles(),
      leaving: shutdown.leaving,
      product,
    });
    const queues: TaskQueues = await openTaskQueues({
      connection,
      namespace,
      taskQueue: inInstallation(installation, environment.taskQueue),
      roles: settings.roles,
      workflows: {
        workflowBundle: { codePath: workflowBundle(traces !== null) },
        ...(settings.maxCachedWorkflows !== undefined && { maxCachedWorkflows: settings.maxCachedWorkflows }),
      },
      shared: {
        activities,
        plugins: await telemetryPlugins(traces, { installation, metrics, syncOf: syncOfRun(ledger) }),
        maxConcurrentActivityTaskExecutions: settings.maxActivities,
        maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
        shutdownGraceTime: settings.shutdownGraceMs,
        shutdownForceTime: forceAfter(settings.shutdownGraceMs),
        ...versioningOf(settings),
      },
      report,
    });
    closing.push(
      await openHealth({
        environment,
        databaseUrl: environment.databaseUrl,
        blobs,
        scratch,
        connection,
        namespace,
        worker: queues,
        telemetry,
      }),
    );
    const { run, stop } = queues;
    let forced = false;
    const hasGivenUp = (): boolean => forced || shutdown.leaving.over.aborted;
    return {
      async run() {
        try {
          await Promise.race([run(), shutdown.expired]);
        } catch (error) {
          if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
          forced = true;
          throw new BackhaulError('worker_stopped', '', { cause: error });
        } finally {
          // What was given up still works with it; the end of the process gives it back.
          if (!hasGivenUp()) await close();
        }
      },
      hasGivenUp,
      stop() {
        // The polls first: what is handed back must not come back.
        stop();
        shutdown.stop();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
