import type { CensusRun } from '../../../ledger/census-runs.ts';
import type { Run, RunStatus } from '../../../vocabulary/run.ts';

/** Census's states of a run. */
export type CensusStatus = 'queued' | 'working' | 'completed' | 'failed' | 'skipped';

/** A cancelled run is a failed one with `canceled`: clients know no other end that is not a success. */
const statuses: Readonly<Record<RunStatus, CensusStatus>> = {
  queued: 'queued',
  working: 'working',
  awaiting_approval: 'working',
  paused: 'working',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'failed',
  skipped: 'skipped',
};

const steps: Partial<Record<RunStatus, string>> = {
  queued: 'Waiting for a worker',
  working: 'Running sync',
  awaiting_approval: 'Waiting for an approval',
  paused: 'Paused',
};

const CANCELLED = 'The run was cancelled.';

/** A run in Census's words, and under `backhaul` in ours. */
export function censusRun(run: Run, numbered: CensusRun, syncId: number) {
  const { error, finishedAt, messages, mode, rows, status, temporal } = run;
  const canceled = status === 'cancelled';
  return {
    id: numbered.id,
    sync_id: syncId,
    status: statuses[status],
    current_step: steps[status] ?? null,
    canceled,
    full_sync: mode === null ? numbered.full_sync : mode === 'full',
    source_record_count: rows.read,
    records_processed: messages.planned,
    records_updated: messages.accepted,
    records_failed: messages.rejected,
    records_invalid: rows.invalid,
    created_at: numbered.created_at.toISOString(),
    updated_at: finishedAt ?? new Date().toISOString(),
    completed_at: finishedAt,
    scheduled_execution_time: null,
    error_code: error?.code ?? null,
    error_message: error?.message ?? (canceled ? CANCELLED : null),
    error_detail: error?.action ?? null,
    sync_trigger_reason: reasonOf(numbered),
    backhaul: { run: run.id, status, url: temporal.url },
  };
}

/** The ledger knows who triggered a run here, and not what else started one. */
function reasonOf({ triggered_by }: CensusRun): { ui_tag: string; ui_detail: string } {
  return triggered_by === null
    ? {
        ui_tag: 'Other',
        ui_detail: 'Started by a schedule, a command, the library or another Temporal client',
      }
    : { ui_tag: 'API', ui_detail: `Triggered through the API by the key ${triggered_by}` };
}
