import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface BenchProcess {
  /** The next line that it tells. */
  next(): Promise<Record<string, unknown>>;
  ask(): Promise<Record<string, unknown>>;
  /** Closes its input, and waits for its end. */
  end(): Promise<void>;
}

/** Starts another file of the bench as a process. */
export function startProcess(file: string, args: readonly string[] = []): BenchProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const line: IteratorResult<string, unknown> = await lines.next();
    if (line.done) throw new Error(`${file} ended before it told anything`);
    return JSON.parse(line.value) as Record<string, unknown>;
  };
  return {
    next,
    ask() {
      child.stdin.write('\n');
      return next();
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
