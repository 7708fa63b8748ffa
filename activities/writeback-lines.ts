import type { RunRecord } from '../ledger/runs.ts';
import type { Run } from '../vocabulary/run.ts';
import type { Line, WritebackSelection } from '../vocabulary/writeback.ts';
import type { RowOutcome } from './outcomes-of-page.ts';

/** A run as the table `runs` has it. */
export const runLine = (
  run: Run,
  record: RunRecord | null,
  written: { rows: number; selected: WritebackSelection },
): Line => ({
  run_id: run.id,
  run_number: run.number,
  status: run.status,
  with_errors: run.withErrors,
  mode: run.mode,
  mode_reason: run.modeReason,
  model: record?.definition.sync.model ?? null,
  destination: record?.definition.sync.destination ?? null,
  rows_read: run.rows.read,
  rows_added: run.rows.added,
  rows_changed: run.rows.changed,
  rows_unchanged: run.rows.unchanged,
  rows_removed: run.rows.removed,
  rows_invalid: run.rows.invalid,
  messages_planned: run.messages.planned,
  messages_accepted: run.messages.accepted,
  messages_rejected: run.messages.rejected,
  requests: run.requests,
  started_at: run.startedAt,
  finished_at: run.finishedAt,
  error_code: run.error?.code ?? null,
  error_message: run.error?.message ?? null,
  rows_written: written.rows,
  rows_selected: written.selected,
});

/** A row as the table `rows` has it. */
export const rowLine = (run: string, row: RowOutcome): Line => ({
  run_id: run,
  row_key: row.key,
  outcome: row.outcome,
  operation: row.change,
  reason: row.reason,
  column_name: row.column,
  message_id: row.messageId,
  http_status: row.httpStatus,
  attempts: row.attempts,
  attempted_at: row.attemptedAt,
  answered_at: row.answeredAt,
  model_rows: row.modelRows,
  payload: row.payload,
});
