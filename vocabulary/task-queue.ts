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
    reportStats?: boolean;
  }): Promise<{
    pollers?:
      | readonly {
          identity?: string | null;
          lastAccessTime?: { seconds?: { toString(): string } | number | null } | null;
        }[]
      | null;
    stats?: { approximateBacklogCount?: { toString(): string } | number | null } | null;
  }>;
}

export interface TaskQueueOf {
  namespace: string;
  taskQueue: string;
  of: keyof typeof types;
}

/**
 * Whether somebody takes tasks of that queue.
 *
 * @param except the identity of a worker that does not count
 */
export async function isPolled(
  service: TaskQueues,
  { namespace, of, taskQueue }: TaskQueueOf,
  except?: string,
): Promise<boolean> {
  const { pollers } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: types[of],
  });
  return (pollers ?? []).some(
    ({ identity, lastAccessTime }) =>
      identity !== except && Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < RECENTLY_MS,
  );
}

/** Whether a task of that queue waits for somebody to take it. */
export async function hasBacklog(
  service: TaskQueues,
  { namespace, of, taskQueue }: TaskQueueOf,
): Promise<boolean> {
  const { stats } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: types[of],
    reportStats: true,
  });
  return Number(stats?.approximateBacklogCount ?? 0) > 0;
}
