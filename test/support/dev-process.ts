import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDevFile, readDevRecord, type DevFile } from '../../definitions/dev-file.ts';
import { isSameProcess, type ProcessIdentity } from '../../definitions/process-identity.ts';
import { findProcesses } from '../../dev/supervisor/find-processes.ts';
import { BACKHAUL } from './worker-process.ts';

export interface DevProcess {
  pid: number;
  /** All that it has said on stderr, and on stdout. */
  said(): string;
  printed(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
}

export interface DevHome {
  /** BACKHAUL_HOME. */
  home: string;
  /** Where commands are run. */
  folder: string;
  env: NodeJS.ProcessEnv;
  /** Starts `backhaul dev`. */
  start(args?: readonly string[], env?: NodeJS.ProcessEnv): DevProcess;
  /** Starts it and waits until it says that all is there. */
  startReady(args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<{ dev: DevProcess; file: DevFile }>;
  /** What runs on this home, whoever started it. */
  processes(): Promise<ProcessIdentity[]>;
  /** Kills all of that, and removes the folder. */
  close(): Promise<void>;
}

/** A folder for `backhaul dev`, which any user may enter, so that also root's PostgreSQL keeps its data there. */
export async function openDevHome(): Promise<DevHome> {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-dev-'));
  await chmod(folder, 0o711);
  const home = join(folder, '.backhaul');
  const started = new Set<ChildProcess>();
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: folder,
    TEMPORAL_CLI_PATH: process.env.TEMPORAL_CLI_PATH,
  };
  const opened: DevHome = {
    home,
    folder,
    env,
    start(args = [], more = {}) {
      const child = spawn(process.execPath, [BACKHAUL, 'dev', ...args], {
        cwd: folder,
        env: { ...env, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      started.add(child);
      let [said, printed] = ['', ''];
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
      child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
      return {
        pid: child.pid ?? 0,
        said: () => said,
        printed: () => printed,
        exited: once(child, 'close').then(
          ([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? 0,
        ),
        kill: (signal) => void child.kill(signal),
      };
    },
    async startReady(args, more) {
      const dev = opened.start(args, more);
      let ended: number | NodeJS.Signals | undefined;
      void dev.exited.then((how) => (ended = how));
      while (!dev.said().includes('Ctrl-C stops everything')) {
        if (ended !== undefined) throw new Error(`dev ended with ${ended}: ${dev.said()}`);
        await sleep(50);
      }
      const file = await readDevFile(home);
      if (file === null) throw new Error(`no dev.json: ${dev.said()}`);
      return { dev, file };
    },
    async processes() {
      const record = await readDevRecord(home);
      const named = Object.values(record?.children ?? {});
      const living = await Promise.all(
        named.map(async (child) => ((await isSameProcess(child)) ? [child] : [])),
      );
      const found = await Promise.all([
        findProcesses(['-D', join(home, 'postgres', 'data')]),
        findProcesses(['--db-filename', join(home, 'temporal', 'temporal.db')]),
        findProcesses([`--home=${home}`]),
      ]);
      const all = [...living.flat(), ...found.flat()];
      return [...new Map(all.map((identity) => [identity.pid, identity])).values()];
    },
    async close() {
      for (const child of started) child.kill('SIGKILL');
      for (const { pid } of await opened.processes()) kill(pid);
      while ((await opened.processes()).length > 0) await sleep(50);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return opened;
}

export const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
};
