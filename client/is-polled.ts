import type { Client } from '@temporalio/client';
import { wasSeenRecently } from '../vocabulary/task-queue.ts';

/** TaskQueueType: https://github.com/temporalio/api, temporal/api/enums/v1/task_queue.proto */
const types = { workflows: 1, activities: 2 } as const;

/** Whether somebody takes tasks of that queue. */
export async function isPolled(
  { connection, options }: Client,
  taskQueue: string,
  of: keyof typeof types,
): Promise<boolean> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: types[of],
  });
  return wasSeenRecently(pollers);
}
