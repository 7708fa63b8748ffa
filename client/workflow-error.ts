import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { BackhaulError, type ErrorView } from '../vocabulary/backhaul-error.ts';
import { isErrorCode } from '../vocabulary/errors.ts';

/** A failed workflow as one of Backhaul's errors; any other error as it is. */
export function workflowError(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof ApplicationFailure) || cause.type == null || !isErrorCode(cause.type)) continue;
    const [view] = (cause.details ?? []) as [Partial<ErrorView>?];
    return new BackhaulError(cause.type, whereOf(cause.message), {
      cause: error,
      ...(typeof view?.action === 'string' && { action: view.action }),
    });
  }
  return new BackhaulError('internal', error.message, { cause: error });
}

/** The message of a BackhaulError is its meaning and, in brackets at the end, the place. */
const whereOf = (message: string): string => /\((.*)\)$/s.exec(message)?.[1] ?? '';
