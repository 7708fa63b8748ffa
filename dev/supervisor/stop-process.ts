import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, type ProcessIdentity } from '../../definitions/process-identity.ts';

/** A signal, and how long it may take before the next one. */
export interface StopStep {
  signal: NodeJS.Signals;
  graceMs: number;
}

const POLL_MS = 50;
/** The kernel needs a moment even for SIGKILL, more when memory is written out. */
const KILL_GRACE_MS = 10_000;

/** Stops a process, whoever started it, step by step and in the end by SIGKILL. True: it is gone. */
export const stopProcess = async (
  identity: ProcessIdentity,
  steps: readonly StopStep[],
  hurry?: AbortSignal,
): Promise<boolean> => {
  for (const { signal, graceMs } of [...steps, { signal: 'SIGKILL' as const, graceMs: KILL_GRACE_MS }]) {
    const inHurry = signal !== 'SIGKILL' && hurry?.aborted === true;
    if (inHurry) continue;
    if (!(await isSameProcess(identity))) return true;
    send(identity.pid, signal);
    const deadline = performance.now() + graceMs;
    while (performance.now() < deadline && !(signal !== 'SIGKILL' && hurry?.aborted === true)) {
      await sleep(POLL_MS);
      if (!(await isSameProcess(identity))) return true;
    }
  }
  return !(await isSameProcess(identity));
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in the meantime, or another user's: what counts is whether it is still there afterwards.
  }
};
