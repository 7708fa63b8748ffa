import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { identifyProcess, type ProcessIdentity } from '../definitions/process-identity.ts';
import { boundLog } from './bounded-log.ts';

export interface Program {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Whom to run it as; only root may choose. */
  user?: { uid: number; gid: number };
}

export interface RunningProgram {
  /** Null when it could not be started, or was gone at once. */
  readonly identity: ProcessIdentity | null;
  /** True once it ended. */
  readonly hasExited: () => boolean;
  /** Resolves, never rejects, with how it ended: `exit 1`, `SIGKILL`, or why it could not be started. */
  readonly exited: Promise<string>;
  /** False when it was gone already. */
  readonly kill: (signal: NodeJS.Signals) => boolean;
}

/**
 * Starts a program whose output goes to a log file. It gets a session of its own, so that a Ctrl-C in the
 * terminal reaches the supervisor alone, which then stops its children in the right order.
 */
export const spawnLogged = async (program: Program, logFile: string): Promise<RunningProgram> => {
  await mkdir(dirname(logFile), { recursive: true });
  await boundLog(logFile);
  const log = await open(logFile, 'a');
  try {
    const child = spawn(program.command, program.args, {
      env: program.env,
      ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
      ...program.user,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    let ended = false;
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        resolve(`not started: ${error.code ?? error.name}`),
      );
      child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
    }).then((how) => {
      ended = true;
      return how;
    });
    return {
      identity: child.pid === undefined ? null : await identifyProcess(child.pid),
      hasExited: () => ended,
      exited,
      kill: (signal) => child.kill(signal),
    };
  } finally {
    await log.close();
  }
};
