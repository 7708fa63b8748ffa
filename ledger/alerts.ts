import { sql, type Transaction } from 'kysely';
import { isFor, type AlertDefinition } from '../definitions/alert.ts';
import type { AlertVersion } from '../definitions/asked-since.ts';
import type { AlertState, RaisedAlert } from '../vocabulary/alert.ts';
import type { LedgerDatabase } from './connect.ts';
import { currentDefinitions, type StoredDefinition } from './definitions.ts';
import type { LedgerTables } from './schema.ts';

/** An alert as it stands now, and what it has said since there is one of that name. */
export interface WatchingAlert {
  name: string;
  definition: AlertDefinition;
  /** The newest first. */
  versions: AlertVersion[];
}

/** Those among the definitions as they stand. */
export async function watchingAlerts(
  db: LedgerDatabase,
  definitions: readonly StoredDefinition[],
): Promise<WatchingAlert[]> {
  const versions = await versionsOfAlerts(db);
  return definitions.flatMap(({ document, kind, name }) => {
    const own = versions.get(name);
    return kind === 'alert' && own !== undefined
      ? [{ name, definition: asAlert(document), versions: own }]
      : [];
  });
}

/** By name, since each was last removed. */
async function versionsOfAlerts(db: LedgerDatabase): Promise<Map<string, AlertVersion[]>> {
  const { rows } = await sql<{ name: string; document: Record<string, unknown>; at: Date }>`
    select name, document, created_at as at from definitions
    where kind = 'alert' and version > coalesce(
      (select max(version) from definitions as gone
       where gone.kind = 'alert' and gone.name = definitions.name and gone.document is null), 0)
    order by version desc`.execute(db);
  const versions = new Map<string, AlertVersion[]>();
  for (const { at, document, name } of rows) {
    versions.set(name, [...(versions.get(name) ?? []), { definition: asAlert(document), at }]);
  }
  return versions;
}

/** Only validated documents are stored, so the document of a kind has that kind's type. */
const asAlert = (document: Record<string, unknown>): AlertDefinition =>
  document as unknown as AlertDefinition;

/** Whether anything is to be told of a sync. */
export const isWatched = async (db: LedgerDatabase, sync: string): Promise<boolean> =>
  (await currentDefinitions(db)).some(
    ({ document, kind }) => kind === 'alert' && isFor(asAlert(document), sync),
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
