import { WorkflowNotFoundError, type WorkflowExecutionDescription } from '@temporalio/client';
import { readApproval } from '../ledger/approvals.ts';
import { faultCounts } from '../ledger/faults.ts';
import { readDelivery } from '../ledger/deliveries.ts';
import { liveCounts } from '../ledger/posts.ts';
import { readWritebacks } from '../ledger/writebacks.ts';
import { listRuns as listInLedger, type ListedRun, type RunFilter } from '../ledger/list-runs.ts';
import { BackhaulError, type ErrorView } from '../vocabulary/backhaul-error.ts';
import { errorTable, isErrorCode } from '../vocabulary/errors.ts';
import { isFinal, type Decision, type Delivery, type Run } from '../vocabulary/run.ts';
import type { Writeback } from '../vocabulary/writeback.ts';
import type { ClientConnection } from './connection.ts';
import { findQueued } from './queued-run.ts';
import { waitsForWorker } from './waits-for-worker.ts';

/** A run with its reasons, as `describe` shows it. */
export interface DescribedRun extends Run {
  /** Rows that were not sent, by reason. */
  invalid: Record<string, number>;
  /** Messages that Segment refused, by reason. */
  rejected: Record<string, number>;
  /** What Segment says that came in while the run sent; null without a token, or not asked yet. */
  delivery: Delivery | null;
  /** Why its plan has to be approved, and what was said to it; null: it has not to be. */
  approval: Approval | null;
  /** Where it was written back to; empty: nowhere. */
  writeback: Writeback[];
}

export interface Approval {
  reasons: string[];
  /** Since when it waits, or waited; null: not all is mapped yet. */
  since: string | null;
  decision: Decision | null;
  decidedAt: string | null;
}

export async function listRuns(connection: ClientConnection, filter: RunFilter = {}): Promise<Run[]> {
  const listed = await listInLedger(connection.ledger.db, filter, connection.links);
  return Promise.all(listed.map((run) => current(connection, run)));
}

/** @param seen what Temporal has just said of it, so that it is not asked again */
export async function findRun(
  connection: ClientConnection,
  id: string,
  seen?: WorkflowExecutionDescription,
): Promise<Run | undefined> {
  const [listed] = await listInLedger(connection.ledger.db, { id }, connection.links);
  return listed && current(connection, listed, seen);
}

/** @throws run_not_found */
export async function getRun(connection: ClientConnection, id: string): Promise<Run> {
  const run = (await findRun(connection, id)) ?? (await findQueued(connection, id));
  if (run === undefined) throw new BackhaulError('run_not_found', id);
  return run;
}

export async function describeRun(connection: ClientConnection, id: string): Promise<DescribedRun> {
  const { db } = connection.ledger;
  // First: what its status goes by was recorded before.
  const run = await getRun(connection, id);
  const [approval, invalid, rejected, delivery, writeback] = await Promise.all([
    readApproval(db, id),
    faultCounts(db, id, 'invalid'),
    faultCounts(db, id, 'rejected'),
    readDelivery(db, id),
    readWritebacks(db, id),
  ]);
  return {
    ...run,
    invalid,
    rejected,
    delivery,
    approval: approval === null ? null : approvalOf(approval),
    writeback,
  };
}

const approvalOf = ({ decidedAt, decision, reasons, since }: Approval): Approval => ({
  reasons,
  since,
  decision,
  decidedAt,
});

/** A run under way with what it has reached so far; one that was ended from outside says so. */
async function current(
  connection: ClientConnection,
  { run }: ListedRun,
  seen?: WorkflowExecutionDescription,
): Promise<Run> {
  if (isFinal(run.status)) return run;
  const [{ accepted, rejected, requests }, going] = await Promise.all([
    liveCounts(connection.ledger.db, run.id),
    goingOn(connection, run, seen),
  ]);
  const live: Run = { ...run, messages: { ...run.messages, accepted, rejected }, requests };
  if (going !== null) return { ...live, ...going };
  // It may have recorded its end between both looks.
  const [after] = await listInLedger(connection.ledger.db, { id: run.id }, connection.links);
  if (after !== undefined && isFinal(after.run.status)) return after.run;
  return { ...live, status: 'failed', error: new BackhaulError('run_terminated', `run ${run.id}`).view() };
}

/** What Temporal says of a run that is open; null when it is not. A Temporal that forgot it has none going on. */
async function goingOn(
  { temporal }: ClientConnection,
  { temporal: { workflowId }, id }: Run,
  seen?: WorkflowExecutionDescription,
): Promise<Pick<Run, 'retrying'> | null> {
  try {
    const { raw, status } = seen ?? (await temporal.workflow.getHandle(workflowId).describe());
    const first = raw.workflowExecutionInfo?.firstRunId ?? raw.workflowExecutionInfo?.execution?.runId;
    if (first !== id || status.name !== 'RUNNING') return null;
    const steps = raw.pendingActivities ?? [];
    const failure = steps.map(({ lastFailure }) => viewOf(lastFailure)).find((view) => view !== null);
    return { retrying: failure ?? (await waitsForWorker(temporal, steps)) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function viewOf(failure: LastFailure): ErrorView | null {
  const code = failure?.applicationFailureInfo?.type ?? '';
  return isErrorCode(code)
    ? { code, message: failure?.message ?? '', action: errorTable[code].action }
    : null;
}

type LastFailure =
  { message?: string | null; applicationFailureInfo?: { type?: string | null } | null } | null | undefined;
