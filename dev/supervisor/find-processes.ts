import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { identifyProcess, type ProcessIdentity } from '../../definitions/process-identity.ts';

const run = promisify(execFile);

/**
 * The living processes whose command line holds these arguments, one after the other: also those that nobody
 * wrote down, since their supervisor was killed right after it had started them.
 */
export const findProcesses = async (args: readonly string[]): Promise<ProcessIdentity[]> => {
  const lines = process.platform === 'linux' ? await listOnLinux() : await listByPs();
  const found = lines.filter(
    ({ pid, line, separator }) =>
      pid !== process.pid &&
      `${separator}${line}${separator}`.includes(`${separator}${args.join(separator)}${separator}`),
  );
  const identities = await Promise.all(found.map(({ pid }) => identifyProcess(pid)));
  return identities.filter((identity) => identity !== null);
};

/**
 * The living processes whose command line begins so and whose working folder this is. Only Linux tells the latter.
 */
export const findProcessesIn = async (folder: string, beginning: string): Promise<ProcessIdentity[]> => {
  if (process.platform !== 'linux') return [];
  const named = (await listOnLinux()).filter(({ line }) => line.startsWith(beginning));
  const found = await Promise.all(
    named.map(async ({ pid }) => {
      const inside = (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === folder;
      return inside ? identifyProcess(pid) : null;
    }),
  );
  return found.filter((identity) => identity !== null);
};

interface CommandLine {
  pid: number;
  line: string;
  /** What stands between two arguments. */
  separator: string;
}

const listOnLinux = async (): Promise<CommandLine[]> =>
  Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) => ({
        pid: Number(pid),
        line: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replace(/\0$/, ''),
        separator: '\0',
      })),
  );

const listByPs = async (): Promise<CommandLine[]> => {
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,args='], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.split('\n').flatMap((text) => {
    const [, pid, line] = /^\s*(\d+)\s(.*)$/.exec(text) ?? [];
    return pid === undefined || line === undefined ? [] : [{ pid: Number(pid), line, separator: ' ' }];
  });
};
