import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The command as users have it: what `npm run build` made. */
export const BACKHAUL = fileURLToPath(new URL('../../dist/bin/backhaul.js', import.meta.url));

export interface WorkerProcess {
  pid: number;
  /** All that it has said. */
  log(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts `backhaul worker` and waits until it polls. */
export const startWorker = (env: NodeJS.ProcessEnv): Promise<WorkerProcess> =>
  startCommand('worker', 'polls', env);

/** Starts `backhaul serve` and waits until it listens. */
export const startServe = (env: NodeJS.ProcessEnv): Promise<WorkerProcess> =>
  startCommand('serve', 'listens at', env);

async function startCommand(command: string, sign: string, env: NodeJS.ProcessEnv): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [BACKHAUL, command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  const exited = once(child, 'exit').then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
    running.delete(child);
    return code ?? signal ?? 0;
  });
  const ready = new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      if (said.includes(sign)) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void exited.then((how) => reject(new Error(`${command} ended with ${how}: ${said}`)));
  });
  await ready;
  return {
    pid: child.pid ?? 0,
    log: () => said,
    exited,
    kill: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
