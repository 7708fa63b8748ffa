import { CancellationScope, ParentClosePolicy, startChild } from '@temporalio/workflow';
import {
  ApplicationFailure,
  CancelledFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { alertsWorkflowId, notificationWorkflowId } from '../vocabulary/installation.ts';
import { errorView, failureOf, wasStopped } from './error-view.ts';
import { lookAtAlerts as look, notify as send, recordUndelivered } from './steps.ts';

export interface LookAtAlertsInput {
  /** A run that has ended; without one every sync is looked at. */
  run?: string;
}

/** Looks at the alerts, and has told whatever is to be told. */
export async function lookAtAlerts({ run }: LookAtAlertsInput): Promise<{ notifications: number }> {
  const summary = run === undefined ? 'all syncs' : `run ${run}`;
  const { installation, notifications } = await look.executeWithOptions({ summary }, [
    run === undefined ? {} : { run },
  ]);
  for (const { channel, id, sync } of notifications) {
    await startBeside(() =>
      startChild(notify, {
        workflowId: notificationWorkflowId(installation, id),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${sync} → ${channel}`,
        args: [{ notification: id }],
      }),
    );
  }
  return { notifications: notifications.length };
}

/** One notification, until it is delivered or given up. */
export async function notify(input: { notification: string }): Promise<void> {
  try {
    await send.executeWithOptions({ summary: input.notification }, [input]);
  } catch (error) {
    const stopped = wasStopped(error);
    await CancellationScope.nonCancellable(() =>
      recordUndelivered({ ...input, status: stopped ? 'cancelled' : 'failed' }),
    );
    if (stopped) throw new CancelledFailure('The notification was cancelled.');
    const failure = failureOf(error) ?? errorView('internal', input.notification);
    const { code, message } = failure;
    throw ApplicationFailure.create({ type: code, message, nonRetryable: true, details: [failure] });
  }
}

/** Looks at the alerts of a run that has ended, beside whatever asks for it. */
export const startLookingAtAlerts = (input: { run: string; installation: string }): Promise<void> =>
  startBeside(() =>
    startChild(lookAtAlerts, {
      workflowId: alertsWorkflowId(input.installation, input.run),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `run ${input.run}`,
      args: [{ run: input.run }],
    }),
  );

/** What is going on already needs no second start. */
async function startBeside(start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
