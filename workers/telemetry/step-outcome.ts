import type { OpenRunResult } from '../../activities/open-run.ts';
import type { PaginateResult } from '../../activities/paginate.ts';
import type { RunModelResult } from '../../activities/run-model.ts';
import type { SendBatchResult } from '../../activities/send-batch.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Run } from '../../vocabulary/run.ts';

/** What is worth a line in the log of an installation: a run begins, knows its plan, ends. */
export interface OutcomeLine {
  message: string;
  fields: Record<string, unknown>;
}

/** Counts what a step has brought about. @returns what to say of it; null: nothing */
export function tellOutcome(
  step: string,
  sync: string,
  result: unknown,
  metrics: Metrics,
): OutcomeLine | null {
  switch (step) {
    case 'openRun':
      return runStarted(sync, result as OpenRunResult, metrics);
    case 'runModel': {
      const { bytes, rows } = result as RunModelResult;
      metrics('backhaul_source_rows', rows, { sync });
      metrics('backhaul_source_bytes', bytes, { sync });
      return null;
    }
    case 'paginate': {
      const { approval, pages, planned, rows } = result as PaginateResult;
      const awaits = approval !== undefined && approval.length > 0;
      return { message: 'run planned', fields: { ...rows, pages, planned, ...(awaits && { approval }) } };
    }
    case 'map':
      metrics('backhaul_pages', 1, { sync, step });
      return null;
    case 'sendBatch':
      return pageSent(sync, result as SendBatchResult, metrics);
    case 'recordResult':
      if (isRun(result)) return runEnded(sync, result, metrics);
      metrics('backhaul_pages', 1, { sync, step });
      return null;
    case 'recordSkipped':
      return { message: 'run skipped: the sync is busy', fields: {} };
    default:
      return null;
  }
}

function runStarted(sync: string, opened: OpenRunResult, metrics: Metrics): OutcomeLine | null {
  if (opened.kind !== 'opened') return null;
  metrics('backhaul_runs_started', 1, { sync });
  // A counter that is not there before it counts has no increase.
  for (const status of ['completed', 'failed', 'cancelled'])
    metrics('backhaul_runs_ended', 0, { sync, status });
  return { message: 'run started', fields: { number: opened.number } };
}

function pageSent(sync: string, { done, heldMs }: SendBatchResult, metrics: Metrics): OutcomeLine | null {
  if (done) metrics('backhaul_pages', 1, { sync, step: 'sendBatch' });
  return heldMs === null ? null : { message: 'Segment asked for silence', fields: { heldMs } };
}

function runEnded(sync: string, run: Run, metrics: Metrics): OutcomeLine {
  const { error, finishedAt, messages, mode, number, requests, rows, startedAt, status } = run;
  const endedAt = finishedAt === null ? Date.now() : Date.parse(finishedAt);
  const seconds = Math.max(0, endedAt - Date.parse(startedAt)) / 1000;
  metrics('backhaul_runs_ended', 1, { sync, status });
  metrics('backhaul_run_duration_seconds', seconds, { sync, status });
  metrics('backhaul_last_run_end_timestamp_seconds', endedAt / 1000, { sync, status });
  if (error !== null) metrics('backhaul_run_errors', 1, { sync, code: error.code });
  for (const [outcome, count] of Object.entries({ ...rows }))
    metrics('backhaul_rows', count, { sync, outcome });
  for (const [outcome, count] of Object.entries({ ...messages }))
    metrics('backhaul_messages', count, { sync, outcome });
  return {
    message: `run ${status}`,
    fields: {
      number,
      mode,
      ...rows,
      ...messages,
      requests,
      seconds,
      ...(error !== null && { code: error.code }),
    },
  };
}

/** `recordResult` has two forms: of a page it returns counts. */
const isRun = (result: unknown): result is Run =>
  typeof result === 'object' && result !== null && 'status' in result && 'rows' in result;
