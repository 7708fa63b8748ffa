import { sql } from 'kysely';
import type { BlobName } from '../vocabulary/ids.ts';
import type { Decision, RunStatus } from '../vocabulary/run.ts';
import type { LedgerDatabase } from './connect.ts';
import type { ApprovalRecord } from './run-record.ts';

/** What a plan is approved by, from the moment that it is known to need it. */
export const unanswered = (reasons: readonly string[]): ApprovalRecord => ({
  reasons: [...reasons],
  recap: null,
  since: null,
  decision: null,
  decidedAt: null,
  remindedAt: null,
});

/** Whether a run waits for an answer. */
export const isUnanswered = (approval: ApprovalRecord | null): boolean =>
  approval !== null && approval.recap !== null && approval.decision === null;

/** Everything is mapped and at rest: from here on the run waits. Once; what an earlier attempt showed stands. */
export async function recordShown(
  db: LedgerDatabase,
  run: string,
  shown: { reasons: readonly string[]; recap: BlobName },
): Promise<ApprovalRecord | null> {
  const approval = { ...unanswered(shown.reasons), recap: shown.recap };
  await db
    .updateTable('runs')
    .set({
      approval: sql<string>`${JSON.stringify(approval)}::jsonb || jsonb_build_object('since', ${NOW})`,
    })
    .where('id', '=', run)
    .where('open', '=', true)
    .where(sql<boolean>`approval ->> 'recap' is null`)
    .execute();
  return readApproval(db, run);
}

/** Mapped, and smaller than it looked: there is nothing to approve. */
export async function forgetApproval(db: LedgerDatabase, run: string): Promise<void> {
  await db
    .updateTable('runs')
    .set({ approval: null })
    .where('id', '=', run)
    .where(sql<boolean>`approval ->> 'recap' is null`)
    .execute();
}

/** Writes what a person said, once. */
export async function recordDecision(
  db: LedgerDatabase,
  run: string,
  decision: Decision,
  status: RunStatus,
): Promise<void> {
  await db
    .updateTable('runs')
    .set({
      status,
      approval: sql<string>`approval || jsonb_build_object('decision', ${decision}::text, 'decidedAt', ${NOW})`,
    })
    .where('id', '=', run)
    .where('finished_at', 'is', null)
    .where(sql<boolean>`approval is not null and approval ->> 'decision' is null`)
    .execute();
}

export async function recordReminder(db: LedgerDatabase, run: string): Promise<void> {
  await db
    .updateTable('runs')
    .set({ approval: sql<string>`approval || jsonb_build_object('remindedAt', ${NOW})` })
    .where('id', '=', run)
    .where('approval', 'is not', null)
    .execute();
}

export async function readApproval(db: LedgerDatabase, run: string): Promise<ApprovalRecord | null> {
  const row = await db.selectFrom('runs').select('approval').where('id', '=', run).executeTakeFirst();
  return row?.approval ?? null;
}

/** ISO 8601 in UTC. */
const NOW = sql<string>`to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
