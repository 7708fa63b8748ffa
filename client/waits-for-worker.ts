import type { Client } from '@temporalio/client';
import { BackhaulError, type ErrorView } from '../vocabulary/backhaul-error.ts';
import { isPolled } from '../vocabulary/task-queue.ts';

/** A step that is younger is merely on its way. */
const YOUNG_MS = 15_000;

/** A step that Temporal has not given to anybody yet, as it describes it. */
interface PendingStep {
  activityType?: { name?: string | null } | null;
  attempt?: number | null;
  lastStartedTime?: unknown;
  scheduledTime?: { seconds?: { toString(): string } | number | null } | null;
  activityOptions?: { taskQueue?: { name?: string | null } | null } | null;
}

/** The first step that nobody polls for, such as one of a role that no worker has; null: none. */
export async function waitsForWorker(
  temporal: Client,
  steps: readonly PendingStep[],
): Promise<ErrorView | null> {
  for (const { activityOptions, activityType, attempt, lastStartedTime, scheduledTime } of steps) {
    const taskQueue = activityOptions?.taskQueue?.name;
    const waitedMs = Date.now() - Number(scheduledTime?.seconds ?? 0) * 1000;
    if (taskQueue == null || attempt !== 1 || lastStartedTime != null || waitedMs < YOUNG_MS) continue;
    const { namespace } = temporal.options;
    if (await isPolled(temporal.workflowService, { namespace, taskQueue, of: 'activities' })) continue;
    return new BackhaulError('no_worker', `${activityType?.name ?? 'a step'} waits in ${taskQueue}`).view();
  }
  return null;
}
