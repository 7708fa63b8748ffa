import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ARGUMENTS_MEMO, syncWorkflowId } from '../vocabulary/installation.ts';
import type { SyncName } from '../vocabulary/ids.ts';
import type { Run } from '../vocabulary/run.ts';
import { isLeftBehind, moveOn } from './moving-on.ts';
import { recordSkipped } from './steps.ts';
import { syncRun } from './sync-run.ts';

export interface ScheduledSyncInput {
  sync: string;
  installation: string;
}

/**
 * One turn of a schedule. The run is a child under the sync's own id, so that it and a start by hand exclude each other; a turn
 * that finds the sync busy is recorded as skipped. The run goes on when this ends before it.
 */
export async function scheduledSync({ installation, sync }: ScheduledSyncInput): Promise<Run> {
  // Started by what follows a run of an older build: this one's child would stay there.
  if (isLeftBehind()) return moveOn<typeof scheduledSync>({ installation, sync });
  const workflowId = syncWorkflowId(installation, sync as SyncName);
  const args = { full: false, review: false };
  try {
    const child = await startChild(syncRun, {
      workflowId,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: sync,
      memo: { [ARGUMENTS_MEMO]: { ...args, idempotencyKey: null } },
      args: [{ sync, ...args, idempotencyKey: null }],
    });
    return await child.result();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { runId } = workflowInfo();
    return recordSkipped.executeWithOptions({ summary: sync }, [{ run: runId, sync, workflowId, ...args }]);
  }
}
