import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { CensusRun } from '../../../ledger/census-runs.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import { syncName } from '../../../vocabulary/ids.ts';
import { syncWorkflowId } from '../../../vocabulary/installation.ts';
import type { Run } from '../../../vocabulary/run.ts';
import type { ClientConnection } from '../../connection.ts';
import { queuedRun } from '../../queued-run.ts';
import { findRun } from '../../runs.ts';
import { workflowError } from '../../workflow-error.ts';

/** A run that has a number, from the moment that it was triggered. @throws run_not_found */
export async function viewRun(connection: ClientConnection, numbered: CensusRun): Promise<Run> {
  const { created_at: createdAt, run_id: id, sync } = numbered;
  const opened = await findRun(connection, id);
  if (opened !== undefined) return opened;
  const queued = queuedRun(connection, sync, id, createdAt);
  const workflowId = syncWorkflowId(connection.installation, syncName(sync));
  const workflow = connection.temporal.workflow.getHandle(workflowId, id);
  try {
    const { closeTime, status } = await workflow.describe();
    if (status.name === 'RUNNING') return queued;
    // A worker may have opened it between both looks.
    const after = await findRun(connection, id);
    if (after !== undefined) return after;
    const finishedAt = (closeTime ?? createdAt).toISOString();
    if (status.name === 'CANCELLED') return { ...queued, status: 'cancelled', finishedAt };
    // Its idempotency key had given another run already, or it could not be opened.
    return await workflow
      .result()
      .then((other) => other as Run)
      .catch((error: unknown) => ({ ...queued, ...failed(error), finishedAt }));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new BackhaulError('run_not_found', `id ${numbered.id}`);
    throw error;
  }
}

function failed(error: unknown): Pick<Run, 'status' | 'error'> {
  if (!(error instanceof WorkflowFailedError)) throw error;
  const known = workflowError(error);
  const told =
    known instanceof BackhaulError && known.code !== 'internal' ? known : new BackhaulError('run_terminated');
  return { status: 'failed', error: told.view() };
}
