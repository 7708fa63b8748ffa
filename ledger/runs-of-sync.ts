import { sql } from 'kysely';
import type { RunMode, RunStatus } from '../vocabulary/run.ts';
import type { LedgerDatabase } from './connect.ts';
import type { PlanReference } from './run-record.ts';

/** A run as one looks for a row in it. */
export interface NumberedRun {
  id: string;
  number: number;
  startedAt: string;
  status: RunStatus;
  mode: RunMode | null;
  plan: PlanReference | null;
}

/** The runs of a sync that were opened, by number from the newest on. */
export async function runsOfSync(db: LedgerDatabase, sync: string, most: number): Promise<NumberedRun[]> {
  const rows = await db
    .selectFrom('runs')
    .select(['id', 'number', 'started_at', 'status', 'mode', 'plan'])
    .where('sync', '=', sync)
    .where('number', 'is not', null)
    .orderBy('number', 'desc')
    .limit(most)
    .execute();
  return rows.map(({ number, started_at, ...row }) => ({
    ...row,
    number: Number(number),
    startedAt: started_at.toISOString(),
  }));
}

/** How the newest run of each sync ended, of those that completed or failed. */
export async function lastEnds(
  db: LedgerDatabase,
  syncs: readonly string[],
): Promise<ReadonlyMap<string, RunStatus>> {
  const { rows } = await sql<{ sync: string; status: RunStatus }>`
    select named.sync, last.status
    from unnest(${syncs}::text[]) as named (sync) cross join lateral (
      select status from runs
      where runs.sync = named.sync and status in ('completed', 'failed')
      order by started_at desc limit 1
    ) as last`.execute(db);
  return new Map(rows.map(({ status, sync }) => [sync, status]));
}
