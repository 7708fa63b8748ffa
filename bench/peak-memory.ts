import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SAMPLE_MS = 200;

/** Watches the resident memory of a process. @returns a function that ends it and gives the peak in MB */
export async function watchMemory(pid: number): Promise<() => Promise<number>> {
  if (process.platform === 'linux') {
    // "5" resets the peak that the kernel keeps: proc(5), /proc/pid/clear_refs.
    await writeFile(`/proc/${pid}/clear_refs`, '5');
    return async () =>
      Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  }
  let peak = 0;
  const sample = async (): Promise<void> => {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    peak = Math.max(peak, Number(stdout) / 1024);
  };
  const timer = setInterval(() => void sample().catch(() => undefined), SAMPLE_MS);
  return async () => {
    clearInterval(timer);
    return peak;
  };
}
