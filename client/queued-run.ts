import { runUrl } from '../ledger/list-runs.ts';
import { syncName } from '../vocabulary/ids.ts';
import { syncOfWorkflow, syncWorkflowId } from '../vocabulary/installation.ts';
import { noMessages, noRows, type Run } from '../vocabulary/run.ts';
import type { ClientConnection } from './connection.ts';

/** A run that was started, and that no worker has picked up: the ledger does not know it yet. */
export function queuedRun(
  { installation, links }: ClientConnection,
  sync: string,
  id: string,
  startedAt = new Date(),
): Run {
  const workflowId = syncWorkflowId(installation, syncName(sync));
  return {
    id,
    number: null,
    sync,
    status: 'queued',
    withErrors: false,
    mode: null,
    modeReason: null,
    rows: noRows(),
    messages: noMessages(),
    requests: 0,
    startedAt: startedAt.toISOString(),
    finishedAt: null,
    error: null,
    retrying: null,
    warnings: [],
    temporal: { workflowId, runId: id, url: runUrl(links, workflowId, id) },
  };
}

/** Finds a queued run where Temporal lists it; undefined when it is none, or of another installation. */
export async function findQueued(connection: ClientConnection, id: string): Promise<Run | undefined> {
  const { installation, temporal } = connection;
  if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
  for await (const { startTime, status, workflowId } of temporal.workflow.list({
    query: `RunId = '${id}'`,
  })) {
    const sync = syncOfWorkflow(installation, workflowId);
    if (status.name !== 'RUNNING' || sync === undefined) continue;
    return queuedRun(connection, sync, id, startTime);
  }
  return undefined;
}
