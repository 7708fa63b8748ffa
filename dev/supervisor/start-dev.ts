import { readDevRecord } from '../../definitions/dev-file.ts';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { clusterUrl, openPostgresCluster, type PostgresCluster } from '../postgres-cluster.ts';
import { ensureDatabase } from '../postgres-server.ts';
import { choosePostgresSite } from '../postgres-site.ts';
import { findTemporalCli } from '../temporal-cli.ts';
import { apiCommandLine } from './api-part.ts';
import { devEnvironment, sayIgnored } from './dev-environment.ts';
import { devFolders, makeDevFolders, temporalDatabase, type DevFolders } from './dev-folders.ts';
import { claimHome } from './dev-lock.ts';
import { chooseApiPort, type DevPorts, type ServerPorts } from './dev-ports.ts';
import { keepLogsBounded } from './keep-logs-bounded.ts';
import { stopLeftovers } from './leftovers.ts';
import { openPartList } from './part-list.ts';
import { postgresCommandLine } from './postgres-part.ts';
import { startPrograms, type DevApi } from './start-programs.ts';
import { startServers } from './start-servers.ts';
import { temporalCommandLine } from './temporal-part.ts';
import { workerCommandLine } from './worker-part.ts';

export interface StartDevOptions {
  /** @default BACKHAUL_HOME of env, else ./.backhaul */
  home?: string;
  /** The user's. Variables of other servers in it are ignored, and named to `report`. */
  env: NodeJS.ProcessEnv;
  /** Wanted; where one is taken another is. @default those of the last start on this home, else the usual ones */
  ports?: Partial<DevPorts>;
  /** Whether the HTTP API is started too. @default true */
  api?: boolean;
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
  ports: ServerPorts;
  /** What other commands and `Backhaul.connect(env)` need to reach this installation. Holds the password. */
  env: NodeJS.ProcessEnv;
  /** Creates a database of the cluster when it is not there yet. @returns its URL, with the superuser's password */
  ensureDatabase(name: string): Promise<string>;
}

export interface RunningDev extends DevServers {
  /** Null: none was started. */
  api: DevApi | null;
  ports: DevPorts;
  /** Stops every part, the worker first, which finishes what is in flight unless `hurry` is aborted. */
  stop(hurry?: AbortSignal): Promise<void>;
}

/**
 * Starts Temporal with its UI, PostgreSQL, a worker and the HTTP API on this machine, with their data under one home, and
 * starts again whatever of them ends, until it is stopped.
 *
 * @throws dev_already_running, dev_tool_missing, dev_failed, usage; then nothing is left running
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
  const parts = openPartList(report, signal);
  const bounding = keepLogsBounded(folders);
  const stop = async (hurry?: AbortSignal): Promise<void> => {
    bounding.stop();
    await parts.stop(hurry);
    await claim.release();
  };
  const giveUp = (): void => void parts.stop().catch(() => undefined);
  signal?.addEventListener('abort', giveUp);
  try {
    const last = await readDevRecord(home);
    const cli = await findTemporalCli({ home, env, report, ...(signal && { signal }) });
    const cluster = await openCluster(folders, report);
    signal?.throwIfAborted();
    const commandLines = {
      postgres: postgresCommandLine(cluster.data),
      temporal: temporalCommandLine(temporalDatabase(folders)),
      worker: workerCommandLine(home),
      api: apiCommandLine(home),
    };
    await stopLeftovers(last, commandLines, report, signal);
    signal?.throwIfAborted();
    const wanted = { ...last?.ports, ...options.ports };
    const apiPort = options.api === false ? null : await chooseApiPort(env, wanted, report);
    const { addresses, ports, record } = await startServers({
      cli,
      cluster,
      env,
      folders,
      parts,
      report,
      supervisor: claim.holder,
      wanted,
    });
    const servers: DevServers = {
      ...addresses,
      ports,
      logs: folders.logs,
      env: devEnvironment(env, addresses),
      async ensureDatabase(name) {
        await ensureDatabase(cluster, ports.postgres, name);
        return clusterUrl(cluster, ports.postgres, name);
      },
    };
    const forWorker = (await options.beforeWorker?.(servers)) ?? {};
    const api = await startPrograms({
      addresses,
      apiPort,
      folders,
      env: servers.env,
      forWorker,
      parts,
      record,
      report,
    });
    await record.ready();
    signal?.throwIfAborted();
    return { ...servers, api, ports: { ...ports, api: api?.port }, stop };
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw fileError(error) ?? error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
};

const openCluster = async (
  { postgres }: DevFolders,
  report: (line: string) => void,
): Promise<PostgresCluster> => {
  const site = await choosePostgresSite(postgres);
  if (site.folder !== postgres) {
    report(
      `PostgreSQL does not run as root, and its user may not enter ${postgres}: its data is in ${site.folder}`,
    );
  }
  return openPostgresCluster(site, () => report('PostgreSQL makes its data folder…'));
};

/** What a file system refuses is for the person to mend. */
const fileError = (error: unknown): BackhaulError | undefined => {
  const { code, path } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || typeof path !== 'string') return undefined;
  return new BackhaulError('dev_failed', `${path}: ${code}`, {
    action: 'Give this user access to it and room on its disk, or set BACKHAUL_HOME to another folder.',
    cause: error,
  });
};
