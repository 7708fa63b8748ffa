import { Client } from '@temporalio/client';
import { registerSearchAttributes } from '../../client/register-search-attributes.ts';
import { readDevRecord, type DevFile } from '../../definitions/dev-file.ts';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import { clusterUrl, openPostgresCluster, type PostgresCluster } from '../postgres-cluster.ts';
import { ensureDatabase } from '../postgres-server.ts';
import { choosePostgresSite } from '../postgres-site.ts';
import { secondsSince } from '../progress.ts';
import { findTemporalCli } from '../temporal-cli.ts';
import { NAMESPACE, withConnection } from '../temporal-server.ts';
import { devEnvironment, sayIgnored } from './dev-environment.ts';
import { blobsUrl, devFolders, logFile, makeDevFolders, temporalDatabase } from './dev-folders.ts';
import { claimHome } from './dev-lock.ts';
import { choosePorts, type DevPorts } from './dev-ports.ts';
import { openDevRecord } from './dev-record.ts';
import { stopLeftovers } from './leftovers.ts';
import { partLabels, type Part } from './part.ts';
import { LEDGER_DATABASE, postgresCommandLine, postgresPart } from './postgres-part.ts';
import { supervise, type Supervised } from './supervise.ts';
import { temporalCommandLine, temporalPart } from './temporal-part.ts';
import { workerCommandLine, workerPart } from './worker-part.ts';

export interface StartDevOptions {
  /** @default BACKHAUL_HOME of env, else ./.backhaul */
  home?: string;
  /** The user's. Variables of other servers in it are ignored, and named to `report`. */
  env: NodeJS.ProcessEnv;
  /** Wanted; where one is taken another is. @default those of the last start on this home, else the usual ones */
  ports?: Partial<DevPorts>;
  /** Gets lines of progress for a person, also later, when a part ends and is started again. */
  report: (line: string) => void;
  /**
   * Called when the servers answer and before the worker starts: the place to make what the definitions name.
   *
   * @returns variables for the worker, to which `${NAME}` in connections resolves
   */
  beforeWorker?: (servers: DevServers) => Promise<NodeJS.ProcessEnv>;
  /** Aborted: the start is given up, and what it has started is stopped. */
  signal?: AbortSignal;
}

/** PostgreSQL and Temporal of a `dev`. */
export interface DevServers {
  home: string;
  /** The ledger's database, as the cluster's superuser. Holds the password. */
  databaseUrl: string;
  temporalAddress: string;
  uiUrl: string;
  /** `file:///…` */
  blobs: string;
  /** The folder of the parts' logs. */
  logs: string;
  ports: DevPorts;
  /** What other commands and `Backhaul.connect(env)` need to reach this installation. Holds the password. */
  env: NodeJS.ProcessEnv;
  /** Creates a database of the cluster when it is not there yet. @returns its URL, with the superuser's password */
  ensureDatabase(name: string): Promise<string>;
}

export interface RunningDev extends DevServers {
  /** Stops every part, the worker first, which finishes what is in flight unless `hurry` is aborted. */
  stop(hurry?: AbortSignal): Promise<void>;
}

/**
 * Starts Temporal with its UI, PostgreSQL and a worker on this machine, with their data under one home, and
 * starts again whatever of them ends, until it is stopped.
 *
 * @throws dev_already_running, dev_tool_missing, dev_failed; then nothing is left running
 *
 * @example
 * const dev = await startDev({ env: process.env, report: (line) => console.error(line) });
 * const backhaul = await Backhaul.connect(dev.env);
 * await backhaul.close();
 * await dev.stop();
 */
export const startDev = async (options: StartDevOptions): Promise<RunningDev> => {
  const { env, report, signal } = options;
  const folders = devFolders(options.home ?? readEnvironment(env).home);
  const { home } = folders;
  for (const line of sayIgnored(env)) report(line);
  await makeDevFolders(folders);
  const claim = await claimHome(home);
  const parts: Supervised[] = [];
  const dismissAll = (): void => parts.forEach(({ dismiss }) => dismiss());
  const stopParts = async (hurry?: AbortSignal): Promise<void> => {
    await Promise.all(parts.filter(({ part }) => part.name === 'worker').map((part) => part.stop(hurry)));
    await Promise.all(parts.map((part) => part.stop(hurry)));
  };
  const stop = async (hurry?: AbortSignal): Promise<void> => {
    await stopParts(hurry);
    process.off('exit', dismissAll);
    await claim.release();
  };
  // Should this process end by a fault of its own, its children must not outlive it.
  process.on('exit', dismissAll);
  const giveUp = (): void => void stopParts().catch(() => undefined);
  signal?.addEventListener('abort', giveUp);
  try {
    const last = await readDevRecord(home);
    const cli = await findTemporalCli({ home, env, report });
    signal?.throwIfAborted();
    const cluster = await openCluster(folders.postgres, report);
    const databaseFile = temporalDatabase(folders);
    await stopLeftovers(
      last,
      {
        postgres: postgresCommandLine(cluster.data),
        temporal: temporalCommandLine(databaseFile),
        worker: workerCommandLine(home),
      },
      report,
    );
    const ports = await choosePorts({ ...last?.ports, ...options.ports }, report);
    const addresses = {
      home,
      databaseUrl: clusterUrl(cluster, ports.postgres, LEDGER_DATABASE),
      temporalAddress: `127.0.0.1:${ports.temporal}`,
      uiUrl: `http://127.0.0.1:${ports.ui}`,
      blobs: blobsUrl(folders),
    };
    const first: DevFile = {
      version: 1,
      state: 'starting',
      supervisor: claim.holder,
      children: {},
      postgresData: cluster.data,
      ports,
      ...addresses,
    };
    const record = await openDevRecord(home, first);
    const begin = async (part: Part): Promise<void> => {
      signal?.throwIfAborted();
      const started = performance.now();
      report(`${partLabels[part.name]} is starting…`);
      const supervised = supervise(part, { report, named: (identity) => record.name(part.name, identity) });
      parts.push(supervised);
      await supervised.started;
      report(`${partLabels[part.name]} is ready (${secondsSince(started)}).`);
    };
    const ourEnv = devEnvironment(env, addresses);
    const { databaseSchema } = readEnvironment(ourEnv);
    await allOrFirstError([
      begin(postgresPart(cluster, ports.postgres, logFile(folders, 'postgres'))).then(async () => {
        await migrateLedger({ databaseUrl: addresses.databaseUrl, schema: databaseSchema });
      }),
      begin(temporalPart({ cli, ports, databaseFile, home, log: logFile(folders, 'temporal') })).then(() =>
        withConnection(addresses.temporalAddress, (connection) =>
          registerSearchAttributes(new Client({ connection, namespace: NAMESPACE })),
        ),
      ),
    ]);
    const servers: DevServers = {
      ...addresses,
      ports,
      logs: folders.logs,
      env: ourEnv,
      async ensureDatabase(name) {
        await ensureDatabase(cluster, ports.postgres, name);
        return clusterUrl(cluster, ports.postgres, name);
      },
    };
    const more = (await options.beforeWorker?.(servers)) ?? {};
    await begin(
      workerPart({
        home,
        temporalAddress: addresses.temporalAddress,
        log: logFile(folders, 'worker'),
        env: { BACKHAUL_SCRATCH: folders.scratch, ...ourEnv, ...more },
      }),
    );
    signal?.throwIfAborted();
    await record.ready();
    return { ...servers, stop };
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
};

const openCluster = async (folder: string, report: (line: string) => void): Promise<PostgresCluster> =>
  openPostgresCluster(await choosePostgresSite(folder), () => report('PostgreSQL: making its data folder…'));

/** Waits for all, so that none goes on by itself, and then throws the first error in their order. */
const allOrFirstError = async (works: readonly Promise<unknown>[]): Promise<void> => {
  const results = await Promise.allSettled(works);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};
