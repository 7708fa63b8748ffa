import { sql } from 'kysely';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import {
  noMessages,
  noRows,
  type MessageCounts,
  type RowCounts,
  type RunMode,
  type RunStatus,
} from '../vocabulary/run.ts';
import { isUnanswered, readApproval } from './approvals.ts';
import type { LedgerDatabase } from './connect.ts';
import type { Adoption, RunArguments } from './run-arguments.ts';
import type { ApprovalRecord, PinnedDefinition, PlanReference, SnapshotReference } from './run-record.ts';
import { NOTHING_YET } from './schema.ts';

/** A run as the activities need it. */
export interface RunRecord {
  id: string;
  sync: string;
  number: number;
  open: boolean;
  settled: boolean;
  status: RunStatus;
  full: boolean;
  /** Whether somebody asked to approve its plan. */
  review: boolean;
  /** What it is restricted to; null: nothing. */
  selection: string | null;
  /** Null: it sends what is due. */
  adopt: Adoption | null;
  /** ISO 8601. */
  startedAt: string;
  definition: PinnedDefinition;
  mode: RunMode | null;
  modeReason: string | null;
  rows: RowCounts;
  messages: MessageCounts;
  snapshot: SnapshotReference | null;
  plan: PlanReference | null;
  approval: ApprovalRecord | null;
  warnings: string[];
}

export async function readRun(db: LedgerDatabase, id: string): Promise<RunRecord> {
  const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined || row.number === null || row.definition === null) {
    throw new BackhaulError('run_not_found', `run ${id}`);
  }
  return {
    id: row.id,
    sync: row.sync,
    number: row.number,
    open: row.open,
    settled: row.settled,
    status: row.status,
    full: row.arguments.full,
    review: row.arguments.review,
    selection: row.arguments.selection ?? null,
    adopt: row.arguments.adopt ?? null,
    startedAt: row.started_at.toISOString(),
    definition: row.definition,
    mode: row.mode,
    modeReason: row.mode_reason,
    rows: { ...noRows(), ...row.rows },
    messages: { ...noMessages(), ...row.messages },
    snapshot: row.snapshot,
    plan: row.plan,
    approval: row.approval,
    warnings: row.warnings,
  };
}

/** Fails with `run_superseded` when the run was closed: a newer one has taken over. */
export async function requireOpen(db: LedgerDatabase, id: string): Promise<RunRecord> {
  const run = await readRun(db, id);
  if (!run.open) throw new BackhaulError('run_superseded', `run ${id}`);
  return run;
}

/** Writes the snapshot once: what an earlier attempt recorded stands. */
export async function recordSnapshot(
  db: LedgerDatabase,
  id: string,
  snapshot: SnapshotReference,
  mode: RunMode,
  modeReason: string,
): Promise<RunRecord> {
  await db
    .updateTable('runs')
    .set({
      snapshot: JSON.stringify(snapshot),
      mode,
      mode_reason: modeReason,
      rows: JSON.stringify({ ...noRows(), read: snapshot.rows }),
    })
    .where('id', '=', id)
    .where('open', '=', true)
    .where('snapshot', 'is', null)
    .execute();
  return requireOpen(db, id);
}

/**
 * Writes the plan once, with what it needs to be approved for: what an earlier attempt recorded stands.
 *
 * @param messages that it sends
 */
export async function recordPlan(
  db: LedgerDatabase,
  id: string,
  plan: PlanReference,
  rows: RowCounts,
  messages: number,
  approval: ApprovalRecord | null,
): Promise<RunRecord> {
  await db
    .updateTable('runs')
    .set({
      approval: approval === null ? null : JSON.stringify(approval),
      plan: JSON.stringify(plan),
      rows: JSON.stringify(rows),
      messages: JSON.stringify({ ...noMessages(), planned: messages }),
    })
    .where('id', '=', id)
    .where('open', '=', true)
    .where('plan', 'is', null)
    .execute();
  return requireOpen(db, id);
}

export async function recordWarnings(
  db: LedgerDatabase,
  id: string,
  warnings: readonly string[],
): Promise<void> {
  await db
    .updateTable('runs')
    .set({ warnings: JSON.stringify(warnings) })
    .where('id', '=', id)
    .execute();
}

/** Adds those that the run does not have yet. */
export async function addWarnings(
  db: LedgerDatabase,
  id: string,
  warnings: readonly string[],
): Promise<void> {
  for (const warning of warnings) {
    const added = JSON.stringify([warning]);
    await db
      .updateTable('runs')
      .set({ warnings: sql<string>`warnings || ${added}::jsonb` })
      .where('id', '=', id)
      .where(sql<boolean>`not warnings @> ${added}::jsonb`)
      .execute();
  }
}

export async function markReadProgress(db: LedgerDatabase, id: string): Promise<void> {
  await db
    .updateTable('runs')
    .set({ read_progress_at: sql<string>`clock_timestamp()` })
    .where('id', '=', id)
    .execute();
}

/** Milliseconds since anything of the run was read from the source or answered by Segment; its start counts too. */
export async function msSinceProgress(db: LedgerDatabase, id: string): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp() - greatest(started_at, read_progress_at, (
             select max(greatest(finished_at, slot_at)) from posts
             where run_id = runs.id and (outcome in ('accepted', 'refused', 'throttled') or (outcome is null and slot_at > clock_timestamp()))
           ))) * 1000)::float8 as ms
    from runs where id = ${id}`.execute(db);
  return Math.max(0, rows[0]?.ms ?? 0);
}

/** Messages that Segment rejected in the last run of the sync before this one that could tell: one that took all rows. */
export async function rejectedBefore(db: LedgerDatabase, run: string): Promise<number> {
  const { rows } = await sql<{ rejected: number }>`
    select coalesce((earlier.messages ->> 'rejected')::int, 0) as rejected
    from runs join runs as earlier on earlier.sync = runs.sync and earlier.number < runs.number
    where runs.id = ${run} and earlier.finished_at is not null and earlier.plan is not null
      and earlier.error ->> 'code' is distinct from 'segment_refuses_everything' and earlier.mode is distinct from 'adopt'
      and earlier.arguments ->> 'selection' is null
      and (earlier.approval is null or earlier.approval ->> 'decision' = 'approved')
    order by earlier.number desc limit 1`.execute(db);
  return rows[0]?.rejected ?? 0;
}

/** The run of a sync that is going on; undefined: none has been opened. */
export async function openRunOf(db: LedgerDatabase, sync: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('runs')
    .select('id')
    .where('sync', '=', sync)
    .where('open', '=', true)
    .orderBy('number', 'desc')
    .executeTakeFirst();
  return row?.id;
}

/** Whether a run of the sync has not said how it ended; one that was ended from outside says it later. */
export async function isUnderWay(db: LedgerDatabase, sync: string): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .select('id')
    .where('sync', '=', sync)
    .where('finished_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** From here on the run books no POST. */
export async function closeRun(db: LedgerDatabase, id: string): Promise<void> {
  await db.updateTable('runs').set({ open: false }).where('id', '=', id).execute();
}

export interface RunTotals {
  status: RunStatus;
  rows: RowCounts;
  messages: MessageCounts;
  requests: number;
  withErrors: boolean;
  error: ErrorView | null;
}

/** Writes the end of a run, once: a run that has ended stays as it ended. */
export async function finishRun(db: LedgerDatabase, id: string, totals: RunTotals): Promise<void> {
  await db
    .updateTable('runs')
    .set({
      status: totals.status,
      rows: JSON.stringify(totals.rows),
      messages: JSON.stringify(totals.messages),
      requests: totals.requests,
      with_errors: totals.withErrors,
      error: totals.error === null ? null : JSON.stringify(totals.error),
      finished_at: sql<string>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .execute();
}

export async function writeStatus(db: LedgerDatabase, id: string, status: RunStatus): Promise<void> {
  await db
    .updateTable('runs')
    .set({ status })
    .where('id', '=', id)
    .where('finished_at', 'is', null)
    .execute();
}

/** A start that found the sync busy. Idempotent. It has no number: nothing was read and nothing sent. */
export async function recordSkipped(
  db: LedgerDatabase,
  skipped: RunArguments & { id: string; sync: string; workflowId: string; holder: string },
): Promise<void> {
  const isWaiting = isUnanswered(await readApproval(db, skipped.holder));
  const reason = isWaiting ? 'awaiting_approval' : 'run_in_progress';
  const error = new BackhaulError(reason, `run ${skipped.holder}`).view();
  const { adopt, full, review } = skipped;
  await db
    .insertInto('runs')
    .values({
      id: skipped.id,
      sync: skipped.sync,
      number: null,
      status: 'skipped',
      open: false,
      settled: true,
      workflow_id: skipped.workflowId,
      arguments: JSON.stringify({ full, review, adopt }),
      idempotency_key: null,
      definition: null,
      ...NOTHING_YET,
      started_at: sql<string>`clock_timestamp()`,
      finished_at: sql<string>`clock_timestamp()`,
      error: JSON.stringify(error),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}
