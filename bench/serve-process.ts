import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ServeProcess {
  url: string;
  pid: number;
  /** All that it has said. */
  log(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

/**
 * Starts `backhaul serve` and waits until it listens.
 *
 * @param program the built command
 * @param env of the installation; with BACKHAUL_PORT, else on any port that is free
 */
export async function startServe(program: string, env: NodeJS.ProcessEnv): Promise<ServeProcess> {
  const child = spawn(process.execPath, [program, 'serve'], {
    env: { BACKHAUL_PORT: '0', ...env, BACKHAUL_LOG_FORMAT: 'text' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let said = '';
  const exited = once(child, 'exit').then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
    process.off('exit', killWithUs);
    return code ?? signal ?? 0;
  });
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      const [, found] = /listens at (http:\/\/\S+)/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void exited.then((how) => reject(new Error(`serve ended with ${how}: ${said}`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    log: () => said,
    exited,
    kill: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
