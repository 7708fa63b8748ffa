import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { inInstallation } from '../../vocabulary/installation.ts';
import type { RunningProgram } from '../spawn-logged.ts';
import { NAMESPACE, withConnection } from '../temporal-server.ts';
import type { Part } from './part.ts';

const READY_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 200;

/** Run from the sources (by a test), the supervisor still starts the built worker: Node runs no TypeScript. */
const WORKER = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/workers/main.js' : '../../workers/main.js',
    import.meta.url,
  ),
);

/** The worker has no use for it: it tells whose worker this is, also to a person who looks at the processes. */
export const workerCommandLine = (home: string): string[] => [WORKER, `--home=${home}`];

export interface WorkerPartOptions {
  home: string;
  env: NodeJS.ProcessEnv;
  temporalAddress: string;
  log: string;
}

export const workerPart = ({ env, home, log, temporalAddress }: WorkerPartOptions): Part => ({
  name: 'worker',
  program: { command: process.execPath, args: workerCommandLine(home), env },
  log,
  ready: (running) => awaitWorker(temporalAddress, env, running),
});

/** Waits until Temporal has seen the worker ask for work. */
const awaitWorker = async (
  address: string,
  env: NodeJS.ProcessEnv,
  running: RunningProgram,
): Promise<void> => {
  const { installation, taskQueue } = readEnvironment(env);
  const name = inInstallation(installation, taskQueue);
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let last: unknown;
  while (!running.hasExited() && performance.now() < deadline) {
    try {
      if (await isPolling(address, name, running)) return;
    } catch (error) {
      last = error;
    }
    await sleep(READY_POLL_MS);
  }
  const how = running.hasExited() ? await running.exited : 'no answer';
  throw new BackhaulError('dev_failed', `The worker: ${how}`, { cause: last });
};

/** The SDK names a worker `<pid>@<host>`. */
const isPolling = async (address: string, name: string, { identity }: RunningProgram): Promise<boolean> => {
  const { pollers } = await withConnection(address, ({ workflowService }) =>
    workflowService.describeTaskQueue({ namespace: NAMESPACE, taskQueue: { name }, taskQueueType: 1 }),
  );
  return (pollers ?? []).some((poller) => poller.identity?.startsWith(`${identity?.pid}@`) === true);
};
