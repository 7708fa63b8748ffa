import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { noMessages, noRows, type Run } from '../vocabulary/run.ts';
import type { LedgerDatabase } from './connect.ts';
import type { RunArguments } from './run-arguments.ts';

export interface RunFilter {
  id?: string;
  ids?: readonly string[];
  sync?: string;
  idempotencyKey?: string;
  limit?: number;
}

export interface ListedRun {
  run: Run;
  arguments: RunArguments;
  idempotencyKey: string | null;
}

const DEFAULT_LIST_LIMIT = 50;

/** A run as everyone sees it. @throws run_not_found */
export async function listedRun(
  db: LedgerDatabase,
  id: string,
  links: { uiUrl: string | null; namespace: string },
): Promise<Run> {
  const [listed] = await listRuns(db, { id }, links);
  if (listed === undefined) throw new BackhaulError('run_not_found', `run ${id}`);
  return listed.run;
}

/** Runs as everyone sees them, newest first. `uiUrl` is the Temporal UI's base, for links. */
export async function listRuns(
  db: LedgerDatabase,
  filter: RunFilter,
  links: { uiUrl: string | null; namespace: string },
): Promise<ListedRun[]> {
  let query = db
    .selectFrom('runs')
    .selectAll()
    .orderBy('started_at', 'desc')
    .limit(filter.limit ?? DEFAULT_LIST_LIMIT);
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  if (filter.ids !== undefined) query = query.where('id', 'in', filter.ids);
  if (filter.sync !== undefined) query = query.where('sync', '=', filter.sync);
  if (filter.idempotencyKey !== undefined) query = query.where('idempotency_key', '=', filter.idempotencyKey);
  const rows = await query.execute();
  return rows.map((row) => ({
    run: {
      id: row.id,
      number: row.number,
      sync: row.sync,
      status: row.status,
      withErrors: row.with_errors,
      mode: row.mode,
      modeReason: row.mode_reason,
      rows: { ...noRows(), ...row.rows },
      messages: { ...noMessages(), ...row.messages },
      requests: row.requests,
      startedAt: row.started_at.toISOString(),
      finishedAt: row.finished_at?.toISOString() ?? null,
      error: row.error,
      retrying: null,
      warnings: row.warnings,
      temporal: {
        workflowId: row.workflow_id,
        runId: row.id,
        url: row.status === 'skipped' ? null : runUrl(links, row.workflow_id, row.id),
      },
    },
    arguments: row.arguments,
    idempotencyKey: row.idempotency_key,
  }));
}

export function runUrl(
  links: { uiUrl: string | null; namespace: string },
  workflowId: string,
  temporalRunId: string,
): string | null {
  if (links.uiUrl === null) return null;
  const path = [links.namespace, 'workflows', workflowId, temporalRunId].map(encodeURIComponent);
  return `${links.uiUrl}/namespaces/${path.join('/')}`;
}
