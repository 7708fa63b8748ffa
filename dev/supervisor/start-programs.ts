import { readEnvironment } from '../../definitions/installation-environment.ts';
import { isFreePort } from '../free-port.ts';
import { apiPart, apiUrlOf } from './api-part.ts';
import { keepDevApiKey } from './dev-api-key.ts';
import type { DevAddresses } from './dev-environment.ts';
import { apiListeningFile, logFile, type DevFolders } from './dev-folders.ts';
import { chooseApiPort } from './dev-ports.ts';
import type { DevRecord } from './dev-record.ts';
import type { PartList } from './part-list.ts';
import { workerPart } from './worker-part.ts';

/** The HTTP API of a `dev`. */
export interface DevApi {
  url: string;
  port: number;
  /** The file with a key that may do everything. */
  keyFile: string;
}

export interface StartProgramsOptions {
  addresses: DevAddresses;
  /** Null: no HTTP API. */
  apiPort: number | null;
  folders: DevFolders;
  /** Of any program of this installation. */
  env: NodeJS.ProcessEnv;
  /** Beyond that, for the worker. */
  forWorker: NodeJS.ProcessEnv;
  parts: PartList;
  record: DevRecord;
  report: (line: string) => void;
}

/** A port can be taken between the look at it and its use. */
const MAX_ATTEMPTS = 3;

/** Starts what works with the servers, side by side: the worker and the HTTP API. */
export const startPrograms = async (options: StartProgramsOptions): Promise<DevApi | null> => {
  const { addresses, env, folders, forWorker, parts, record } = options;
  const programEnv = {
    BACKHAUL_SCRATCH: folders.scratch,
    // A person reads their logs.
    BACKHAUL_LOG_FORMAT: 'text',
    ...env,
  };
  const worker = workerPart({
    home: folders.home,
    temporalAddress: addresses.temporalAddress,
    log: logFile(folders, 'worker'),
    // On which port its health and metrics are is in its log.
    env: { BACKHAUL_WORKER_PORT: '0', ...programEnv, ...forWorker },
  });
  const [work, api] = await Promise.allSettled([
    parts.begin(worker, record),
    options.apiPort === null ? null : startApi(options.apiPort, programEnv, options),
  ]);
  // Both have settled, so that none goes on by itself.
  if (work.status === 'rejected') throw work.reason;
  if (api.status === 'rejected') throw api.reason;
  return api.value;
};

const startApi = async (
  chosen: number,
  env: NodeJS.ProcessEnv,
  { addresses, folders, parts, record, report }: StartProgramsOptions,
): Promise<DevApi> => {
  const { databaseSchema: schema } = readEnvironment(env);
  const keyFile = await keepDevApiKey({ databaseUrl: addresses.databaseUrl, schema }, folders);
  const { home } = folders;
  const [listening, log] = [apiListeningFile(folders), logFile(folders, 'api')];
  for (let attempt = 1, port = chosen; ; attempt++) {
    try {
      await parts.begin(apiPart({ home, port, listening, env, log }), record);
      const url = apiUrlOf(port);
      await record.listens(url, port);
      return { url, port, keyFile };
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || (await isFreePort(port))) throw error;
      port = await chooseApiPort(env, { api: port }, report);
    }
  }
};
