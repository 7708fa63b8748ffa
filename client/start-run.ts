import { randomUUID } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { IDEMPOTENCY_DAYS } from '../ledger/open-run.ts';
import { pinDefinition, refuseFullAppend } from '../ledger/pin-definition.ts';
import { listRuns } from '../ledger/list-runs.ts';
import { sameArguments, type RunArguments } from '../ledger/run-arguments.ts';
import { isUnderWay, recordSkipped } from '../ledger/runs.ts';
import type { SyncRunInput } from '../workflows/running.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { syncName } from '../vocabulary/ids.ts';
import { ARGUMENTS_MEMO, syncWorkflowId } from '../vocabulary/installation.ts';
import type { ClientConnection } from './connection.ts';

export interface RunOptions {
  /** Sends every row again, changed or not. @default false */
  full?: boolean;
  /** Maps everything and then waits until the plan is approved. @default false */
  review?: boolean;
  /** Given again within seven days it returns the same run, and starts none. */
  idempotencyKey?: string | undefined;
  /** A run of the sync that goes on with the same arguments: go along with it, or refuse. @default 'attach' */
  ifRunning?: 'attach' | 'fail';
}

export interface Started {
  run: string;
  how: 'started' | 'attached' | 'existing' | 'skipped';
  /** Of one that it goes along with: what Temporal said of it. */
  seen?: WorkflowExecutionDescription;
}

/** What a run may be started with besides what `run` offers: an adoption, or what it is restricted to. */
export type StartOptions = RunOptions &
  Pick<RunArguments, 'adopt'> & {
    selection?: string;
    /** With a key too it may go along with a run that has another one, or none. @default false */
    attachAnyKey?: boolean;
    /** It may go along with a run that sends all rows where only those that are due are asked for. @default false */
    attachToFull?: boolean;
  };
const DAY_MS = 86_400_000;

/** Starts a run of a sync. Temporal allows one at a time; a start that finds the sync busy attaches or is recorded as skipped. */
export async function startRun(
  connection: ClientConnection,
  sync: string,
  options: StartOptions,
): Promise<Started> {
  const { installation, ledger, taskQueue, temporal } = connection;
  const { adopt, full = false, review = false, selection } = options;
  const [definition, underWay] = await Promise.all([
    pinDefinition(ledger.db, sync),
    isUnderWay(ledger.db, sync),
  ]);
  refuseFullAppend(definition, sync, full);
  const wanted: RunArguments = {
    full,
    review,
    ...(adopt !== undefined && { adopt }),
    ...(selection !== undefined && { selection }),
  };
  const idempotencyKey = options.idempotencyKey ?? null;
  // An unset variable in a script: taken for a key, it would start one run and then none for days.
  if (idempotencyKey?.trim() === '') throw new BackhaulError('usage', 'the idempotency key is empty');
  if (idempotencyKey !== null) {
    const existing = await runOfKey(connection, sync, idempotencyKey, wanted);
    if (existing !== undefined) return { run: existing, how: 'existing' };
  }
  const workflowId = syncWorkflowId(installation, syncName(sync));
  const join = () => attachOrSkip(connection, sync, workflowId, wanted, idempotencyKey, options);
  // Asked first, Temporal is spared a start that would fail: triggers come most often while a run is going on.
  const joined = underWay ? await join() : null;
  if (joined !== null) return joined;
  const input: SyncRunInput = { sync, ...wanted, idempotencyKey };
  try {
    const { firstExecutionRunId } = await temporal.workflow.start('syncRun', {
      workflowId,
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
      staticSummary: [
        sync,
        ...(['full', 'review', 'adopt'] as const).filter((word) => wanted[word]),
        ...(selection === undefined ? [] : ['restricted']),
      ].join(', '),
      memo: { [ARGUMENTS_MEMO]: { ...wanted, idempotencyKey } },
    });
    return { run: firstExecutionRunId, how: 'started' };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // Null: it has ended meanwhile, so that this start is free to go.
    return (await join()) ?? startRun(connection, sync, options);
  }
}

/** Null when no run is going on. */
async function attachOrSkip(
  connection: ClientConnection,
  sync: string,
  workflowId: string,
  wanted: RunArguments,
  idempotencyKey: string | null,
  options: StartOptions,
): Promise<Started | null> {
  const seen = await describeIfKnown(connection, workflowId);
  if (seen?.status.name !== 'RUNNING') return null;
  const { memo, raw, runId } = seen;
  const holder = raw.workflowExecutionInfo?.firstRunId ?? runId;
  const held = memo?.[ARGUMENTS_MEMO] as (RunArguments & { idempotencyKey: string | null }) | undefined;
  const full = wanted.full || (options.attachToFull === true && held?.full === true);
  const same =
    held !== undefined &&
    sameArguments(held, { ...wanted, full }) &&
    (idempotencyKey === null || options.attachAnyKey === true || held.idempotencyKey === idempotencyKey);
  if (same && (options.ifRunning ?? 'attach') === 'attach') return { run: holder, how: 'attached', seen };
  if (held !== undefined && idempotencyKey !== null && held.idempotencyKey === idempotencyKey) {
    // Its own start again, which no worker has taken up yet: it is not told to keep away from itself.
    if (same) return { run: holder, how: 'existing', seen };
    throw new BackhaulError('idempotency_conflict', `sync ${sync}`);
  }
  const id = randomUUID();
  await recordSkipped(connection.ledger.db, { id, sync, workflowId, ...wanted, holder });
  return { run: id, how: 'skipped' };
}

async function describeIfKnown(
  { temporal }: ClientConnection,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await temporal.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function runOfKey(
  { ledger, links }: ClientConnection,
  sync: string,
  idempotencyKey: string,
  wanted: RunArguments,
): Promise<string | undefined> {
  const [earlier] = await listRuns(ledger.db, { sync, idempotencyKey, limit: 1 }, links);
  if (earlier === undefined) return undefined;
  if (Date.now() - Date.parse(earlier.run.startedAt) > IDEMPOTENCY_DAYS * DAY_MS) return undefined;
  if (!sameArguments(earlier.arguments, wanted)) {
    throw new BackhaulError('idempotency_conflict', `sync ${sync}`);
  }
  return earlier.run.id;
}
