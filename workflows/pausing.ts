import { defineUpdate, setHandler } from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import type { ErrorCode } from '../vocabulary/errors.ts';
import { errorView } from './error-view.ts';
import type { Running } from './running.ts';
import { show } from './show.ts';
import { recordStatus } from './steps.ts';

interface ForRun {
  run: string;
}
export const pauseUpdate = defineUpdate<void, [ForRun]>('pause');
export const resumeUpdate = defineUpdate<void, [ForRun]>('resume');
const approveUpdate = defineUpdate<void, [ForRun]>('approve');
const declineUpdate = defineUpdate<void, [ForRun]>('decline');

/** Takes pause and resume. A paused run finishes the pages under way and takes no more. */
export function takePauses(running: Running): void {
  const set = (paused: boolean) => async (): Promise<void> => {
    if (running.paused === paused) return;
    running.paused = paused;
    running.waitedUntil = Date.now();
    running.run.status = paused ? 'paused' : 'working';
    show(running);
    await recordStatus({ run: running.run.id, status: running.run.status });
  };
  // Validators are synchronous: one that is not would fail the workflow task instead of refusing the update.
  const validator = ({ run }: ForRun): void => {
    if (run !== running.run.id)
      throw refusal('run_not_found', `run ${run} is not the current one of ${running.run.sync}`);
  };
  setHandler(pauseUpdate, set(true), { validator });
  setHandler(resumeUpdate, set(false), { validator });
  const refuse = (_: ForRun): void => {
    throw refusal('not_available_yet', 'review');
  };
  setHandler(approveUpdate, (_: ForRun) => undefined, { validator: refuse });
  setHandler(declineUpdate, (_: ForRun) => undefined, { validator: refuse });
}

function refusal(code: ErrorCode, where: string): ApplicationFailure {
  const view = errorView(code, where);
  return ApplicationFailure.create({
    type: code,
    message: view.message,
    nonRetryable: true,
    details: [view],
  });
}
