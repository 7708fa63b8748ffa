import { sql } from 'kysely';
import type { LedgerDatabase } from './connect.ts';
import type { FaultKind } from './schema.ts';

export interface FaultSample {
  /** Where on the page: tells samples of one page apart, so that writing them twice changes nothing. */
  position: number;
  reason: string;
  key: string | null;
  column: string | null;
}

export interface Faults {
  kind: FaultKind;
  page: number;
  counts: Record<string, number>;
  samples: FaultSample[];
}

/** Page number of what the plan found, before there are pages. */
export const PLAN_PAGE = -1;
/** Samples shown of a run, of each kind. The blobs hold all. */
export const MAX_SAMPLES = 100;

/** Writes the faults of a page; what an earlier attempt wrote of it is replaced. */
export async function writeFaults(db: LedgerDatabase, run: string, faults: Faults): Promise<void> {
  const { kind, page } = faults;
  await db.transaction().execute(async (transaction) => {
    for (const table of ['fault_counts', 'fault_samples'] as const) {
      await transaction
        .deleteFrom(table)
        .where('run_id', '=', run)
        .where('kind', '=', kind)
        .where('page', '=', page)
        .execute();
    }
    const counts = Object.entries(faults.counts).filter(([, count]) => count > 0);
    if (counts.length === 0) return;
    await transaction
      .insertInto('fault_counts')
      .values(counts.map(([reason, count]) => ({ run_id: run, kind, page, reason, count })))
      .execute();
    const written = await transaction
      .selectFrom('fault_samples')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('run_id', '=', run)
      .where('kind', '=', kind)
      .executeTakeFirst();
    // Pages that are written at the same time may each find the same room; reading cuts what is beyond.
    const room = Math.max(0, MAX_SAMPLES - Number(written?.count ?? 0));
    const samples = faults.samples.slice(0, room);
    if (samples.length === 0) return;
    await transaction
      .insertInto('fault_samples')
      .values(
        samples.map(({ column, ...sample }) => ({ run_id: run, kind, page, column_name: column, ...sample })),
      )
      .execute();
  });
}

/** Counts by reason over the whole run. */
export async function faultCounts(
  db: LedgerDatabase,
  run: string,
  kind: FaultKind,
): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('fault_counts')
    .select(['reason', sql<number>`sum(count)::bigint`.as('count')])
    .where('run_id', '=', run)
    .where('kind', '=', kind)
    .groupBy('reason')
    .orderBy('reason')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.reason, Number(row.count)]));
}

/** What is known of the row of a key, if it is among the samples. */
export async function faultOfKey(
  db: LedgerDatabase,
  run: string,
  key: string,
): Promise<(FaultSample & { kind: FaultKind; page: number }) | undefined> {
  const row = await db
    .selectFrom('fault_samples')
    .select(['kind', 'page', 'position', 'reason', 'key', 'column_name as column'])
    .where('run_id', '=', run)
    .where('key', '=', key)
    .executeTakeFirst();
  return row;
}

export async function faultSamples(db: LedgerDatabase, run: string, kind: FaultKind): Promise<FaultSample[]> {
  const rows = await db
    .selectFrom('fault_samples')
    .select(['position', 'reason', 'key', 'column_name'])
    .where('run_id', '=', run)
    .where('kind', '=', kind)
    .orderBy('page')
    .orderBy('position')
    .limit(MAX_SAMPLES)
    .execute();
  return rows.map(({ column_name, ...row }) => ({ ...row, column: column_name }));
}
