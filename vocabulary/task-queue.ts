/** TaskQueueType: https://github.com/temporalio/api, temporal/api/enums/v1/task_queue.proto */
const types = { workflows: 1, activities: 2 } as const;
/** A poll lasts up to a minute, so a worker that is there was seen not long ago. */
const RECENTLY_MS = 90_000;

/** Of Temporal's service what both a client's and a worker's connection have. */
interface TaskQueues {
  describeTaskQueue(asked: {
    namespace: string;
    taskQueue: { name: string };
    taskQueueType: number;
  }): Promise<{
    pollers?:
      readonly { lastAccessTime?: { seconds?: { toString(): string } | number | null } | null }[] | null;
  }>;
}

/** Whether somebody takes tasks of that queue. */
export async function isPolled(
  service: TaskQueues,
  { namespace, of, taskQueue }: { namespace: string; taskQueue: string; of: keyof typeof types },
): Promise<boolean> {
  const { pollers } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: types[of],
  });
  return (pollers ?? []).some(
    ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < RECENTLY_MS,
  );
}
