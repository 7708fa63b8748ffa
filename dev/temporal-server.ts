import { Connection } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Program, RunningProgram } from './spawn-logged.ts';

export const NAMESPACE = 'default';

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 100;

/**
 * Without the first two every step of a workflow waits for up to 50 ms (20 polls a second); the third lets a search
 * attribute be used as soon as it is registered.
 */
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'system.forceSearchAttributesCacheRefreshOnRead=true',
];

export interface TemporalProgramOptions {
  cli: string;
  port: number;
  /** Undefined: without UI. */
  uiPort?: number;
  /** Undefined: in memory, gone with the process. */
  databaseFile?: string;
  /** Instead of ours: a `temporal.toml` under the user's home is not meant for this server. */
  home: string;
  dynamicConfig?: readonly string[];
}

/** Temporal's dev server as a program to run, on loopback only. */
export const temporalProgram = ({
  cli,
  port,
  uiPort,
  databaseFile,
  home,
  dynamicConfig = [],
}: TemporalProgramOptions): Program => ({
  command: cli,
  args: [
    ...[
      'server',
      'start-dev',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--namespace',
      NAMESPACE,
      '--log-level',
      'warn',
    ],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
    ...(databaseFile === undefined ? [] : ['--db-filename', databaseFile]),
    ...[...DYNAMIC_CONFIG, ...dynamicConfig].flatMap((setting) => ['--dynamic-config-value', setting]),
  ],
  env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home },
});

/** Waits until the namespace takes work. */
export const awaitTemporal = async (address: string, running: RunningProgram): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let last: unknown;
  while (!running.hasExited() && performance.now() < deadline) {
    try {
      await withConnection(address, (connection) =>
        connection.workflowService.listWorkflowExecutions({ namespace: NAMESPACE, pageSize: 1 }),
      );
      if (!running.hasExited()) return;
    } catch (error) {
      last = error;
    }
    await sleep(READY_POLL_MS);
  }
  const how = running.hasExited() ? await running.exited : 'no answer';
  throw new BackhaulError('dev_failed', `Temporal: ${how}`, { cause: last });
};

export const withConnection = async <T>(
  address: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const connection = await Connection.connect({ address, connectTimeout: 2000 });
  try {
    return await connection.withDeadline(Date.now() + 5000, () => use(connection));
  } finally {
    await connection.close();
  }
};
