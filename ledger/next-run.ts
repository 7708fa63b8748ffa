import type { LedgerDatabase } from './connect.ts';

/** What the next run of a sync begins with, as it looks now. */
export interface NextRun {
  number: number;
  /** Runs that are not in the state yet: under way, or to be settled by the next one. */
  unsettled: number[];
}

export async function nextRun(db: LedgerDatabase, sync: string): Promise<NextRun> {
  const last = await db
    .selectFrom('runs')
    .select(({ fn }) => fn.max('number').as('number'))
    .where('sync', '=', sync)
    .executeTakeFirst();
  const unsettled = await db
    .selectFrom('runs')
    .select('number')
    .where('sync', '=', sync)
    .where('settled', '=', false)
    .where('number', 'is not', null)
    .orderBy('number')
    .execute();
  return {
    number: (last?.number ?? 0) + 1,
    unsettled: unsettled.flatMap(({ number }) => (number === null ? [] : [number])),
  };
}
