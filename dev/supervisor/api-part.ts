import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { RunningProgram } from '../spawn-logged.ts';
import type { Part } from './part.ts';

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 100;
const HOST = '127.0.0.1';
/** A definition from the HTTP API may name what runs on this machine: here it is the person's own. */
const LOOPBACK = '127.0.0.0/8,::1/128';

/** As with the worker, the built one is started also by who runs the sources. */
const API = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/client/api/main.js' : '../../client/api/main.js',
    import.meta.url,
  ),
);

/** It tells whose API this is. */
export const apiCommandLine = (home: string): string[] => [API, `--home=${home}`];

export const apiUrlOf = (port: number): string => `http://${HOST}:${port}`;

export interface ApiPartOptions {
  home: string;
  env: NodeJS.ProcessEnv;
  port: number;
  /** Where it says that it listens. */
  listening: string;
  log: string;
}

/** `backhaul serve` for this machine alone. */
export const apiPart = ({ env, home, listening, log, port }: ApiPartOptions): Part => ({
  name: 'api',
  program: {
    command: process.execPath,
    args: [...apiCommandLine(home), `--listening=${listening}`],
    env: {
      ...env,
      BACKHAUL_HOST: HOST,
      BACKHAUL_PORT: `${port}`,
      BACKHAUL_ALLOWED_NETWORKS: [env.BACKHAUL_ALLOWED_NETWORKS ?? '', LOOPBACK].filter(Boolean).join(','),
    },
  },
  log,
  prepare: () => rm(listening, { force: true }),
  ready: (running) => awaitApi(apiUrlOf(port), listening, running),
});

/** That it listens is told by itself: another program may have come to that port a moment ago, and answer there. */
const awaitApi = async (url: string, listening: string, running: RunningProgram): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let last: unknown;
  while (!running.hasExited() && performance.now() < deadline) {
    try {
      const isIt = (await readFile(listening, 'utf8')) === `${running.identity?.pid}`;
      if (isIt && (await fetch(`${url}/readyz`)).ok) return;
    } catch (error) {
      last = error;
    }
    await sleep(READY_POLL_MS);
  }
  const how = running.hasExited() ? await running.exited : 'no answer';
  throw new BackhaulError('dev_failed', `The HTTP API: ${how}`, { cause: last });
};
