import { sql } from 'kysely';
import type { SyncDefinition } from '../definitions/sync.ts';
import type { LedgerDatabase } from './connect.ts';
import type { StoredDefinition } from './definitions.ts';
import { scheduleRecords } from './schedules.ts';

/** Whether a sync is to be started, by its definition and by what people say of it. */
export interface SyncStarts {
  paused: boolean;
  /** Since when it is: it was installed then, or goes on after a pause. */
  since: Date;
}

/** Of the syncs among the definitions as they stand, by name. */
export async function syncStarts(
  db: LedgerDatabase,
  definitions: readonly StoredDefinition[],
): Promise<Map<string, SyncStarts>> {
  const records = new Map((await scheduleRecords(db)).map((record) => [record.sync, record]));
  const unpaused = await unpausedSince(db);
  return new Map(
    definitions
      .filter(({ kind }) => kind === 'sync')
      .map(({ document, name }) => {
        const { held = false, resumed_at: resumed = null } = records.get(name) ?? {};
        // One that is missing has been paused just now.
        const defined = unpaused.get(name) ?? new Date();
        return [
          name,
          {
            // Only validated documents are stored, so the document of a kind has that kind's type.
            paused: (document as unknown as SyncDefinition).paused || held,
            since: resumed !== null && resumed > defined ? resumed : defined,
          },
        ];
      }),
  );
}

/** Since when the definition of each sync is there and does not pause it. */
async function unpausedSince(db: LedgerDatabase): Promise<Map<string, Date>> {
  const { rows } = await sql<{ name: string; since: Date }>`
    select name, min(created_at) as since from definitions
    where kind = 'sync' and version > coalesce(
      (select max(version) from definitions as before
       where before.kind = 'sync' and before.name = definitions.name
         and (before.document is null or before.document ->> 'paused' = 'true')), 0)
    group by name`.execute(db);
  return new Map(rows.map(({ name, since }) => [name, since]));
}
