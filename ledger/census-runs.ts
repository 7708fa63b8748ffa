import { sql, type Selectable } from 'kysely';
import type { LedgerDatabase } from './connect.ts';
import type { CensusRunsTable } from './schema.ts';

export type CensusRun = Selectable<CensusRunsTable>;

export interface Trigger {
  run: string;
  sync: string;
  full: boolean;
  /** The key that started it; null when the trigger went along with a run that was there. */
  by: string | null;
}

/** The number of a run that was triggered. It may not be in the ledger yet: no worker has to have seen it. */
export async function numberTriggered(
  db: LedgerDatabase,
  { by, full, run, sync }: Trigger,
): Promise<CensusRun> {
  await numberRuns(db, sync);
  return db
    .insertInto('census_runs')
    .values({ run_id: run, sync, full_sync: full, triggered_by: by })
    .onConflict((conflict) =>
      conflict.column('run_id').doUpdateSet({
        triggered_by: sql<string | null>`coalesce(census_runs.triggered_by, excluded.triggered_by)`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

export const findCensusRun = (db: LedgerDatabase, id: number): Promise<CensusRun | undefined> =>
  db.selectFrom('census_runs').selectAll().where('id', '=', id).executeTakeFirst();

export interface RunsPage {
  offset: number;
  limit: number;
  order: 'asc' | 'desc';
}

/** Runs of a sync in their order, and how many there are in all. */
export async function censusRunsOf(
  db: LedgerDatabase,
  sync: string,
  { limit, offset, order }: RunsPage,
): Promise<{ runs: CensusRun[]; total: number }> {
  await numberRuns(db, sync);
  const ofSync = db.selectFrom('census_runs').where('sync', '=', sync);
  const { total } = await ofSync
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const runs = await ofSync.selectAll().orderBy('id', order).limit(limit).offset(offset).execute();
  return { runs, total };
}

/** Numbers the runs of a sync that have none yet, the oldest first. */
async function numberRuns(db: LedgerDatabase, sync: string): Promise<void> {
  await sql`
    insert into census_runs (run_id, sync, full_sync, created_at)
    select id, sync, coalesce((arguments ->> 'full')::boolean, false), started_at from runs
    where sync = ${sync} and not exists (select from census_runs where run_id = runs.id)
    order by started_at, number
    on conflict (run_id) do nothing`.execute(db);
}
