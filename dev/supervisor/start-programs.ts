import { readEnvironment } from '../../definitions/installation-environment.ts';
import { apiPart, apiUrlOf } from './api-part.ts';
import { keepDevApiKey } from './dev-api-key.ts';
import { logFile, type DevFolders } from './dev-folders.ts';
import type { DevRecord } from './dev-record.ts';
import type { PartList } from './part-list.ts';
import type { StartedServers } from './start-servers.ts';
import { workerPart } from './worker-part.ts';

/** The HTTP API of a `dev`. */
export interface DevApi {
  url: string;
  /** The file with a key that may do everything. */
  keyFile: string;
}

export interface StartProgramsOptions {
  servers: Pick<StartedServers, 'addresses' | 'ports'>;
  folders: DevFolders;
  /** Of any program of this installation. */
  env: NodeJS.ProcessEnv;
  /** Beyond that, for the worker. */
  forWorker: NodeJS.ProcessEnv;
  parts: PartList;
  record: DevRecord;
}

/** Starts what works with the servers, side by side: the worker and, where a port was chosen for it, the HTTP API. */
export const startPrograms = async (options: StartProgramsOptions): Promise<DevApi | null> => {
  const { env, folders, forWorker, parts, record, servers } = options;
  const { home } = folders;
  const { addresses, ports } = servers;
  const programEnv = {
    BACKHAUL_SCRATCH: folders.scratch,
    // A person reads their logs.
    BACKHAUL_LOG_FORMAT: 'text',
    ...env,
  };
  const worker = workerPart({
    home,
    temporalAddress: addresses.temporalAddress,
    log: logFile(folders, 'worker'),
    // On which port its health and metrics are is in its log.
    env: { BACKHAUL_WORKER_PORT: '0', ...programEnv, ...forWorker },
  });
  const startApi = async (port: number): Promise<DevApi> => {
    const { databaseSchema: schema } = readEnvironment(env);
    const keyFile = await keepDevApiKey({ databaseUrl: addresses.databaseUrl, schema }, folders);
    await parts.begin(apiPart({ home, port, env: programEnv, log: logFile(folders, 'api') }), record);
    return { url: apiUrlOf(port), keyFile };
  };
  const [work, api] = await Promise.allSettled([
    parts.begin(worker, record),
    ports.api === undefined ? null : startApi(ports.api),
  ]);
  // Both have settled, so that none goes on by itself.
  if (work.status === 'rejected') throw work.reason;
  if (api.status === 'rejected') throw api.reason;
  return api.value;
};
