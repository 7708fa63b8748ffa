import { defineUpdate, setHandler } from '@temporalio/workflow';
import { requireRun, type ForRun } from './refusal.ts';
import { statusOf, type Running } from './running.ts';
import { show } from './show.ts';
import { recordStatus } from './steps.ts';

export const pauseUpdate = defineUpdate<void, [ForRun]>('pause');
export const resumeUpdate = defineUpdate<void, [ForRun]>('resume');

/** Takes pause and resume. A paused run finishes the pages under way and takes no more. */
export function takePauses(running: Running): void {
  const set = (paused: boolean) => async (): Promise<void> => {
    if (running.paused === paused) return;
    running.paused = paused;
    running.waitedUntil = Date.now();
    running.run.status = statusOf(running);
    show(running);
    await recordStatus({ run: running.run.id, status: running.run.status });
  };
  const validator = (given: ForRun): void => requireRun(running, given);
  setHandler(pauseUpdate, set(true), { validator });
  setHandler(resumeUpdate, set(false), { validator });
}
