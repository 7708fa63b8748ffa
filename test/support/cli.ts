import { spawn } from 'node:child_process';
import { BACKHAUL } from './worker-process.ts';

export interface CommandResult {
  code: number | NodeJS.Signals | null;
  out: string;
  err: string;
  /** The one document on stdout. */
  json(): unknown;
}

/** Runs one `backhaul …` as a shell would, without a terminal. */
export async function backhaul(
  args: readonly string[],
  options: {
    env: NodeJS.ProcessEnv;
    cwd?: string;
    /** What is piped into it. */
    input?: string;
    onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  },
): Promise<CommandResult> {
  const child = spawn(process.execPath, [BACKHAUL, ...args], {
    env: options.env,
    cwd: options.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  options.onStart?.((signal) => void child.kill(signal));
  // Who does not read it may have ended already.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, signal) => resolve(exit ?? signal));
  });
  return { code, out, err, json: () => JSON.parse(out) as unknown };
}
