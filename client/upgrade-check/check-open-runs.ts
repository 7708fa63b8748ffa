import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { ClientConnection } from '../connection.ts';
import { checked, type Checked } from './checked.ts';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** A history as Temporal has it, replayed with the workflows of this version. @returns why it does not; null: it does */
export type ReplayHistory = (history: History, workflowId: string) => Promise<string | null>;

/** What is going on replays with the workflows of this version; and which builds it is pinned to. */
export async function checkOpenRuns(
  { taskQueue, temporal }: ClientConnection,
  { replay, build }: { replay: ReplayHistory; build: string | undefined },
): Promise<Checked[]> {
  const failing: string[] = [];
  const builds = new Map<string, number>();
  let replayed = 0;
  const query = `TaskQueue = '${taskQueue}' and ExecutionStatus = 'Running'`;
  for await (const { runId, workflowId } of temporal.workflow.list({ query })) {
    const handle = temporal.workflow.getHandle(workflowId, runId);
    try {
      const { raw } = await handle.describe();
      const pinned = raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
      if (pinned != null && pinned !== '') {
        builds.set(pinned, (builds.get(pinned) ?? 0) + 1);
        // It never meets the workflows of another build before it moves on, and then begins a new history.
        continue;
      }
      const fault = await replay(await handle.fetchHistory(), workflowId);
      if (fault === null) replayed += 1;
      else failing.push(`${workflowId} does not replay (${fault}): let it end first, or cancel it`);
    } catch (error) {
      // It ended and was deleted meanwhile.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  const others = [...builds].filter(([one]) => one !== build);
  return [
    checked('openRuns', {
      failing,
      passing: [`${replayed} replay with this version`],
    }),
    checked('deployment', {
      warning: others.map(
        ([one, runs]) => `build ${one} has ${runs} going on: keep its workers until they have ended`,
      ),
      passing: others.length === 0 ? ['no older build has anything going on'] : [],
    }),
  ];
}
