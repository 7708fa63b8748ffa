import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import { errorTable, isErrorCode, type ErrorCode } from '../vocabulary/errors.ts';

export const errorView = (code: ErrorCode, where: string): ErrorView => {
  const { meaning, action } = errorTable[code];
  return { code, message: `${meaning} (${where})`, action };
};

/** What an activity failed with; undefined when it was something else, which is a fault of the workflow's code. */
export function failureOf(error: unknown): ErrorView | undefined {
  if (!(error instanceof ActivityFailure)) return undefined;
  const { cause, activityType } = error;
  if (cause instanceof ApplicationFailure && cause.type != null && isErrorCode(cause.type)) {
    const { action } = errorTable[cause.type];
    const [view] = (cause.details ?? []) as [ErrorView?];
    return view ?? { code: cause.type, message: cause.message, action };
  }
  return errorView('internal', activityType);
}

/** Whether work ended because it was told to. An activity whose worker had died ends by its missing heartbeat then. */
export const wasStopped = (error: unknown): boolean =>
  isCancellation(error) ||
  (error instanceof ActivityFailure && error.retryState === RetryState.CANCEL_REQUESTED);

/** A workflow that ends with it: its code is the failure's type. */
export const failureWith = (view: ErrorView): ApplicationFailure =>
  ApplicationFailure.create({
    type: view.code,
    message: view.message,
    nonRetryable: true,
    details: [view],
  });
