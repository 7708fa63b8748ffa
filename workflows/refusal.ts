import { ApplicationFailure } from '@temporalio/common';
import type { ErrorCode } from '../vocabulary/errors.ts';
import { errorView } from './error-view.ts';
import type { Running } from './running.ts';

/** Which run an update or signal is meant for. */
export interface ForRun {
  run: string;
}

/**
 * Refuses what is meant for another run. Validators are synchronous: one that is not would fail the workflow task
 * instead of refusing the update.
 */
export function requireRun({ run }: Running, given: Partial<ForRun> | undefined): void {
  if (given?.run !== run.id)
    throw refusal('run_not_found', `run ${given?.run ?? '?'} is not the current one of ${run.sync}`);
}

export function refusal(code: ErrorCode, where: string): ApplicationFailure {
  const view = errorView(code, where);
  return ApplicationFailure.create({
    type: code,
    message: view.message,
    nonRetryable: true,
    details: [view],
  });
}
