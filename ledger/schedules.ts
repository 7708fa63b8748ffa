import { sql, type Selectable } from 'kysely';
import type { LedgerDatabase } from './connect.ts';
import type { SchedulesTable } from './schema.ts';

export type ScheduleRecord = Selectable<SchedulesTable>;

export const scheduleRecords = (db: LedgerDatabase): Promise<ScheduleRecord[]> =>
  db.selectFrom('schedules').selectAll().orderBy('sync').execute();

/** Syncs whose starts a person has paused. */
export const heldSyncs = async (db: LedgerDatabase): Promise<Set<string>> =>
  new Set((await scheduleRecords(db)).flatMap(({ held, sync }) => (held ? [sync] : [])));

/** Whether a person has paused the starts of a sync, as it stands now. */
export const isHeld = async (db: LedgerDatabase, sync: string): Promise<boolean> =>
  (await heldSyncs(db)).has(sync);

/** Of a schedule that is about to be given to Temporal: whoever comes after a crash in between looks after it all the same. */
export async function recordIntent(
  db: LedgerDatabase,
  { pausedByDefinition, sync }: { sync: string; pausedByDefinition: boolean },
): Promise<void> {
  await db
    .insertInto('schedules')
    .values({ sync, wanted: '', found: null, paused_by_definition: pausedByDefinition })
    .onConflict((conflict) =>
      conflict
        .column('sync')
        .doUpdateSet({ wanted: '', paused_by_definition: pausedByDefinition })
        .where(sql<string>`coalesce(schedules.wanted, '')`, '=', ''),
    )
    .execute();
}

/** What was given to Temporal, and how Temporal tells of it. */
export async function recordSchedule(
  db: LedgerDatabase,
  record: { sync: string; wanted: string; found: string; pausedByDefinition: boolean },
): Promise<void> {
  const values = {
    wanted: record.wanted,
    found: record.found,
    paused_by_definition: record.pausedByDefinition,
    updated_at: sql<string>`now()`,
  };
  await db
    .insertInto('schedules')
    .values({ sync: record.sync, ...values })
    .onConflict((conflict) => conflict.column('sync').doUpdateSet(values))
    .execute();
}

/** Temporal has none of it any more; what a person said of it stays. */
export async function forgetSchedule(db: LedgerDatabase, sync: string): Promise<void> {
  await db
    .updateTable('schedules')
    .set({ wanted: null, found: null, paused_by_definition: false })
    .where('sync', '=', sync)
    .execute();
}

/** Whether a person has paused the starts of a sync. */
export async function holdSchedule(db: LedgerDatabase, sync: string, held: boolean): Promise<void> {
  const resumedAt = sql<string>`case when schedules.held and not excluded.held then now() else schedules.resumed_at end`;
  await db
    .insertInto('schedules')
    .values({ sync, wanted: null, found: null, held })
    .onConflict((conflict) =>
      conflict.column('sync').doUpdateSet({ held, resumed_at: resumedAt, updated_at: sql<string>`now()` }),
    )
    .execute();
}
