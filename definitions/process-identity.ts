/**
 * A process id is given away again after its process ends. With the time at which the process started it
 * names one process for good, so that nothing is stopped, or taken for alive, by mistake.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

/** Names a living process; null when there is none of that id, or only a zombie. */
export const identifyProcess = async (pid: number): Promise<ProcessIdentity | null> => {
  const startedAt = process.platform === 'linux' ? await startOnLinux(pid) : await startByPs(pid);
  return startedAt === null ? null : { pid, startedAt };
};

export const isSameProcess = async ({ pid, startedAt }: ProcessIdentity): Promise<boolean> =>
  (await identifyProcess(pid))?.startedAt === startedAt;

const startOnLinux = async (pid: number): Promise<string | null> => {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (state === undefined || ticks === undefined || state === 'Z' || state === 'X') return null;
  return `${await bootId()}/${ticks}`;
};

/** Ticks count from boot, and a file outlives a boot. */
const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();

const startByPs = async (pid: number): Promise<string | null> => {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=,stat=', '-p', String(pid)], {
      env: { LC_ALL: 'C', PATH: process.env['PATH'] },
    });
    const text = stdout.trim();
    const state = text.split(/\s+/).at(-1) ?? '';
    return text === '' || state.startsWith('Z') ? null : text.slice(0, -state.length).trim();
  } catch {
    return null;
  }
};
