import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnLogged } from '../../dev/spawn-logged.ts';

export interface Server {
  /** A folder of its own, gone when it stops. */
  folder: string;
  stop(): Promise<void>;
  /** What it has printed so far. */
  log(): Promise<string>;
}

const READY_TIMEOUT_MS = 180_000;

/** Starts a server and waits until it answers. It is stopped with the test file at the latest. */
export async function startServer(options: {
  name: string;
  program: (folder: string) => { command: string; args: readonly string[]; env?: NodeJS.ProcessEnv };
  /** Whether it answers; an error counts as no. */
  ready: (log: string) => boolean | Promise<boolean>;
  /** Before it is started, in its folder. */
  prepare?: (folder: string) => Promise<void>;
}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), `backhaul-${options.name}-`));
  await options.prepare?.(folder);
  const logFile = join(folder, 'server.log');
  const { command, args, env = {} } = options.program(folder);
  const running = await spawnLogged({ command, args, env: { ...process.env, ...env }, cwd: folder }, logFile);
  const kill = (): void => void running.kill('SIGKILL');
  process.once('exit', kill);
  const log = (): Promise<string> => readFile(logFile, 'utf8');
  const stop = async (): Promise<void> => {
    running.kill('SIGTERM');
    const patience = setTimeout(kill, 10_000);
    await running.exited;
    clearTimeout(patience);
    process.removeListener('exit', kill);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (running.hasExited() || Date.now() > deadline) {
      const end = (await log()).split('\n').slice(-20).join('\n');
      await stop();
      throw new Error(`${options.name} did not start:\n${end}`);
    }
    try {
      if (await options.ready(await log())) return { folder, stop, log };
    } catch {
      // Not yet.
    }
    await sleep(100);
  }
}
