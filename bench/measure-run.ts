import type { Client } from '@temporalio/client';
import type { Backhaul } from '../client/backhaul.ts';
import { watchMemory } from './peak-memory.ts';
import type { Figures } from './figures.ts';

/** Runs a sync once and says what it took. */
export async function measureRun(
  backhaul: Backhaul,
  temporal: Client,
  options: { what: string; sync: string; full: boolean; workerPid: number },
): Promise<Figures> {
  const peakOf = await watchMemory(options.workerPid);
  const handle = await backhaul.syncs.run(options.sync, { full: options.full });
  const run = await handle.result();
  if (run.status !== 'completed')
    throw new Error(`${options.what}: ${run.status}, ${run.error?.message ?? ''}`);
  const seconds = (Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt)) / 1000;
  return {
    what: options.what,
    rows: run.rows.read,
    seconds,
    rowsPerSecond: run.rows.read / seconds,
    peakMb: await peakOf(),
    requests: run.requests,
    historyEvents: await historyEvents(temporal, run.temporal.workflowId, run.id),
  };
}

/** Of all executions of the run, which may have continued as new. */
async function historyEvents(temporal: Client, workflowId: string, firstRunId: string): Promise<number> {
  let events = 0;
  for (let runId: string | null = firstRunId; runId !== null;) {
    const { raw } = await temporal.workflow.getHandle(workflowId, runId).describe();
    events += Number(raw.workflowExecutionInfo?.historyLength ?? 0);
    const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? null;
  }
  return events;
}
