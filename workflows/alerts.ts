import { CancellationScope, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { CancelledFailure } from '@temporalio/common';
import { alertsWorkflowId, notificationWorkflowId } from '../vocabulary/installation.ts';
import { errorView, failureOf, failureWith, wasStopped } from './error-view.ts';
import { startBeside } from './start-beside.ts';
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
    throw failureWith(failureOf(error) ?? errorView('internal', input.notification));
  }
}

/** Looks at the alerts of a run that has ended, beside whatever asks for it. */
export const startLookingAtAlerts = (input: { run: string; installation: string }): Promise<unknown> =>
  startBeside(() =>
    startChild(lookAtAlerts, {
      workflowId: alertsWorkflowId(input.installation, input.run),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `run ${input.run}`,
      args: [{ run: input.run }],
    }),
  );
