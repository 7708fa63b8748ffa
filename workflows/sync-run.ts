import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  defineQuery,
  isCancellation,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import type { RunEnd } from '../activities/record-result.ts';
import { noMessages, noRows, type Run } from '../vocabulary/run.ts';
import { startAfterRun } from './after-run.ts';
import { failureOf, failureWith, wasStopped } from './error-view.ts';
import { awaitApproval } from './await-approval.ts';
import { takeDecisions } from './deciding.ts';
import { mapAhead } from './map-ahead.ts';
import { forRole } from './for-role.ts';
import { moveOn } from './moving-on.ts';
import { takePauses } from './pausing.ts';
import { isHeldBack, isWaiting, type Running, type SyncRunInput } from './running.ts';
import { pagesLeft, sendPages } from './send-pages.ts';
import { counted, runSummary, show, showDetails } from './show.ts';
import { openRun, paginate, recordRun, runModel, settleRun, validateConnection } from './steps.ts';
import { withinLimits } from './within-limits.ts';

export const progressQuery = defineQuery<Run>('progress');

/** One run of a sync, from the model to the state. */
export async function syncRun(input: SyncRunInput): Promise<Run> {
  const opened = input.resume ?? (await open(input));
  if (!('run' in opened)) return opened.existing;
  const running: Running = opened;
  setHandler(progressQuery, () => running.run);
  takePauses(running);
  takeDecisions(running);
  show(running);

  let end = await endOf(running, async () => {
    if (running.plan === null) {
      await settleEarlier(running);
      await plan(running);
    }
    const { review } = running;
    if (review !== undefined && review !== null && isHeldBack(running)) await mapAhead(running, review);
    if (!isHeldBack(running)) await sendPages(running);
  });
  if (end.status === 'completed' && isWaiting(running)) end = await sendWhenApproved(running);
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  if (end.status === 'completed' && (pagesLeft(running) > 0 || isHeldBack(running))) {
    if (!CancellationScope.current().consideredCancelled) {
      return moveOn<typeof syncRun>({ ...input, resume: running });
    }
    // It came after the last page: with this execution it would be lost.
    end = { status: 'cancelled', error: null };
  }

  const { followed, ...recorded } = await CancellationScope.nonCancellable(() =>
    recordRun.executeWithOptions(
      {
        summary: `${runSummary(running.run)}: ${end.status}`,
        ...forRole(running.settings, 'plan'),
      },
      [{ run: running.run.id, end }],
    ),
  );
  running.run = recorded;
  if (followed !== undefined) running.settings = { ...running.settings, followed };
  show(running);
  await CancellationScope.nonCancellable(() => startAfterRun(running));
  return conclude(running.run);
}

async function open(input: SyncRunInput): Promise<Running | { existing: Run }> {
  const { workflowId, firstExecutionRunId, startTime } = workflowInfo();
  const opened = await failing(() =>
    openRun.executeWithOptions({ summary: input.sync }, [
      {
        run: firstExecutionRunId,
        workflowId,
        sync: input.sync,
        full: input.full ?? false,
        review: input.review ?? false,
        ...(input.adopt != null && { adopt: input.adopt }),
        idempotencyKey: input.idempotencyKey ?? null,
        ...(input.selection != null && { selection: input.selection }),
      },
    ]),
  );
  if (opened.kind === 'existing') return { existing: opened.run };
  return {
    run: {
      id: firstExecutionRunId,
      number: opened.number,
      sync: input.sync,
      status: 'working',
      withErrors: false,
      mode: null,
      modeReason: null,
      rows: noRows(),
      messages: noMessages(),
      requests: 0,
      startedAt: startTime.toISOString(),
      finishedAt: null,
      error: null,
      retrying: null,
      warnings: [],
      temporal: { workflowId, runId: firstExecutionRunId, url: opened.url },
    },
    settings: settingsOf(opened),
    earlier: { settle: opened.settle, waitMs: opened.waitMs },
    plan: null,
    cursor: 0,
    unfinished: [],
    pagesDone: 0,
    paused: false,
    heldLanes: 0,
    waitedUntil: Date.now(),
    failure: null,
  };
}

const settingsOf = ({
  lanes,
  runtimeMs,
  noProgressMs,
  searchAttributes,
  installation,
  reconciles,
  approvalExpiresMs,
  followed,
  roles,
  writeback,
  alerts,
}: Running['settings']) => ({
  lanes,
  runtimeMs,
  noProgressMs,
  searchAttributes,
  installation,
  reconciles,
  approvalExpiresMs,
  followed,
  ...(roles === true && { roles }),
  writeback,
  ...(alerts === true && { alerts }),
});

/** The wait is within no limits of the sync; what follows it is. */
async function sendWhenApproved(running: Running): Promise<RunEnd> {
  const { review } = running;
  if (review === undefined || review === null) return { status: 'completed', error: null };
  const end = await endOfWork(() => awaitApproval(running, review));
  if (end.status !== 'completed' || isHeldBack(running)) return end;
  return endOf(running, () => sendPages(running));
}

/** Earlier runs that could not record their own end: they were terminated, or lost with their Temporal. */
async function settleEarlier({ run, earlier, settings }: Running): Promise<void> {
  if (earlier.waitMs > 0) {
    await sleep(earlier.waitMs, { summary: 'until no POST of an earlier run can still arrive' });
  }
  for (const settled of earlier.settle) {
    await settleRun.executeWithOptions({ summary: `settles run ${settled}`, ...forRole(settings, 'plan') }, [
      { run: settled, by: run.id },
    ]);
  }
}

/** validateConnection → runModel → paginate */
async function plan(running: Running): Promise<void> {
  const { run } = running;
  const step = { run: run.id };
  const toPlan = forRole(running.settings, 'plan');
  const options = { summary: runSummary(run), ...toPlan };
  const { warnings } = await validateConnection.executeWithOptions(options, [step]);
  run.warnings = warnings;

  const taken = await runModel.executeWithOptions(options, [step]);
  run.mode = taken.mode;
  run.modeReason = taken.modeReason;
  run.rows.read = taken.rows;
  run.warnings = [...run.warnings, ...(taken.warnings ?? [])];
  show(running);

  const planned = await paginate.executeWithOptions({ summary: `${counted(taken.rows)} rows`, ...toPlan }, [
    step,
  ]);
  run.rows = planned.rows;
  run.messages.planned = planned.planned;
  run.warnings = [...run.warnings, ...(planned.warnings ?? [])];
  running.plan = { pages: planned.pages };
  const { approval } = planned;
  running.review =
    approval === undefined
      ? null
      : { reasons: approval, cursor: 0, since: null, decision: null, deciding: null };
  showDetails(running);
}

/** Does the work and says how it ended. Only a fault of this code gets through as an error. */
const endOf = (running: Running, work: () => Promise<void>): Promise<RunEnd> =>
  endOfWork(async () => {
    const limit = await withinLimits(running, work);
    const error = limit ?? running.failure;
    return error === null ? { status: 'completed', error: null } : { status: 'failed', error };
  });

async function endOfWork(work: () => Promise<RunEnd>): Promise<RunEnd> {
  try {
    return await work();
  } catch (error) {
    if (wasStopped(error)) return { status: 'cancelled', error: null };
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { status: 'failed', error: failure };
  }
}

/** A failed activity before there is a run to record: its code becomes the workflow's. */
async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined || isCancellation(error)) throw error;
    throw failureWith(failure);
  }
}

function conclude(run: Run): Run {
  switch (run.status) {
    case 'completed':
      return run;
    case 'cancelled':
      throw new CancelledFailure(
        run.error?.message ?? 'The run was cancelled; what was in flight is finished and recorded.',
        [run],
      );
    default: {
      const { error } = run;
      throw ApplicationFailure.create({
        type: error?.code ?? 'internal',
        message: error?.message ?? run.status,
        nonRetryable: true,
        details: [run],
      });
    }
  }
}
