import type { NativeConnection } from '@temporalio/worker';
import { wasSeenRecently } from '../vocabulary/task-queue.ts';

const ACTIVITIES = 2;

/** Whether somebody takes activities of that queue. */
export async function isPolled(
  workflowService: NativeConnection['workflowService'],
  { namespace, taskQueue }: { namespace: string; taskQueue: string },
): Promise<boolean> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: ACTIVITIES,
  });
  return wasSeenRecently(pollers);
}
