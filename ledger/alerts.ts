import { sql, type Transaction } from 'kysely';
import { isFor, type AlertDefinition } from '../definitions/alert.ts';
import type { AlertState, RaisedAlert } from '../vocabulary/alert.ts';
import type { LedgerDatabase } from './connect.ts';
import { currentDefinitions, type StoredDefinition } from './definitions.ts';
import type { LedgerTables } from './schema.ts';

/** An alert as it stands now, and since when there is one of that name. */
export interface WatchingAlert {
  name: string;
  definition: AlertDefinition;
  since: Date;
}

/** Those among the definitions as they stand. */
export async function watchingAlerts(
  db: LedgerDatabase,
  definitions: readonly StoredDefinition[],
): Promise<WatchingAlert[]> {
  const since = await firstVersions(db);
  return definitions.flatMap(({ document, kind, name }) => {
    const first = since.get(name);
    // Only validated documents are stored, so the document of a kind has that kind's type.
    return kind === 'alert' && first !== undefined
      ? [{ name, definition: document as unknown as AlertDefinition, since: first }]
      : [];
  });
}

/** When each alert was first there, since it was last removed. */
async function firstVersions(db: LedgerDatabase): Promise<Map<string, Date>> {
  const { rows } = await sql<{ name: string; since: Date }>`
    select name, min(created_at) as since from definitions
    where kind = 'alert' and version > coalesce(
      (select max(version) from definitions as gone
       where gone.kind = 'alert' and gone.name = definitions.name and gone.document is null), 0)
    group by name`.execute(db);
  return new Map(rows.map(({ name, since }) => [name, since]));
}

/** Whether anything is to be told of a sync. */
export const isWatched = async (db: LedgerDatabase, sync: string): Promise<boolean> =>
  (await currentDefinitions(db)).some(
    ({ document, kind }) => kind === 'alert' && isFor(document as unknown as AlertDefinition, sync),
  );

/** One look at a sync at a time, so that nothing is told twice. Nothing is left behind when `work` fails. */
export const lookingAt = <T>(
  db: LedgerDatabase,
  sync: string,
  work: (transaction: Transaction<LedgerTables>) => Promise<T>,
): Promise<T> =>
  db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`alerts of ${sync}`}, 0))`.execute(transaction);
    return work(transaction);
  });

export async function raisedAlerts(db: LedgerDatabase, sync?: string): Promise<RaisedAlert[]> {
  let query = db.selectFrom('alert_states').selectAll().orderBy('since').orderBy('alert').orderBy('sync');
  if (sync !== undefined) query = query.where('sync', '=', sync);
  return (await query.execute()).map(({ run_id, since, ...row }) => ({
    ...row,
    run: run_id,
    since: since.toISOString(),
  }));
}

export async function raiseAlert(db: LedgerDatabase, { run, ...raised }: RaisedAlert): Promise<void> {
  await db
    .insertInto('alert_states')
    .values({ ...raised, run_id: run })
    .execute();
}

export async function endAlert(
  db: LedgerDatabase,
  { alert, condition, sync }: { alert: string; sync: string; condition: AlertState },
): Promise<void> {
  await db
    .deleteFrom('alert_states')
    .where('alert', '=', alert)
    .where('sync', '=', sync)
    .where('condition', '=', condition)
    .execute();
}
