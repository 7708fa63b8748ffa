import { faultCounts } from '../ledger/faults.ts';
import { readRun } from '../ledger/runs.ts';
import { selectionOf, writeSelection } from '../ledger/selections.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { RetriedOutcome } from '../vocabulary/row-outcomes.ts';
import { isFinal } from '../vocabulary/run.ts';
import type { ClientConnection } from './connection.ts';
import { runHandle, type RunHandle } from './run-handle.ts';
import { getRun } from './runs.ts';
import { startRun, type RunOptions } from './start-run.ts';

export interface RetryOptions {
  /** What of the run is tried again: what Segment refused, or what was not sent since it was invalid. @default 'rejected' */
  outcome?: RetriedOutcome | undefined;
}

export interface Retry {
  /** Rows of the earlier run that are tried again. */
  rows: number;
  /** Invalid rows without a key: they cannot be told apart, and are left to the next run of all rows. */
  withoutKey: number;
  /** Null: there is nothing to try again, and nothing was started. */
  run: RunHandle | null;
}

/**
 * Sends the rejected rows of a run again, with their values of now: a run as any other, restricted to them. Those that Segment has
 * got since are not sent, unless that run was to send rows that had not changed.
 *
 * @throws run_not_found, run_not_ended
 */
export async function retryRun(
  connection: ClientConnection,
  id: string,
  { idempotencyKey, outcome = 'rejected' }: RetryOptions & Pick<RunOptions, 'idempotencyKey'> = {},
): Promise<Retry> {
  const { db } = connection.ledger;
  const { error, messages, number, status, sync } = await getRun(connection, id);
  if (!isFinal(status)) throw new BackhaulError('run_not_ended', `run ${id}, ${status}`);
  const counts = await faultCounts(db, id, outcome);
  const withoutKey = (counts['null_key'] ?? 0) + (counts['empty_key'] ?? 0);
  const rows =
    outcome === 'rejected'
      ? messages.rejected
      : Object.values(counts).reduce((sum, count) => sum + count, 0) - withoutKey;
  // When it refused everything the fault was not in the messages, and none was marked rejected.
  const refusedAll = outcome === 'rejected' && error?.code === 'segment_refuses_everything';
  const nothing: Retry = { rows: 0, withoutKey, run: null };
  if (number === null || rows === 0 || refusedAll) return nothing;
  const earlier = await readRun(db, id);
  // It ended before its plan: which rows they were is not at rest.
  if (earlier.plan === null) return nothing;
  const resend = earlier.full || ((await selectionOf(db, earlier))?.resend ?? false);
  const selected = { kind: 'of_run', run: id, outcome, resend } as const;
  const selection = await writeSelection(db, sync, selected, idempotencyKey);
  const started = await startRun(connection, sync, { selection, idempotencyKey });
  return { rows, withoutKey, run: runHandle(connection, sync, started) };
}
