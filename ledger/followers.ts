import { sql } from 'kysely';
import type { SyncDefinition } from '../definitions/sync.ts';
import type { LedgerDatabase } from './connect.ts';
import { currentDefinitions } from './definitions.ts';
import { heldSyncs } from './schedules.ts';

/** Syncs that name `sync` in their `after`, in order of their names. */
export async function followersOf(db: LedgerDatabase, sync: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { document, kind, name } of await currentDefinitions(db)) {
    if (kind !== 'sync') continue;
    // Only validated documents are stored, so the document of a kind has that kind's type.
    const { after, paused } = document as SyncDefinition;
    if (!paused && after?.includes(sync)) found.set(name, after);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Those of them that are not paused, and of whose `after` every sync has completed since they were last started. Runs of
 * single rows count for neither.
 */
export async function followersDue(db: LedgerDatabase, sync: string): Promise<string[]> {
  const held = await heldSyncs(db);
  const due: string[] = [];
  for (const [name, after] of await followersOf(db, sync)) {
    if (!held.has(name) && (await haveCompleted(db, name, after))) due.push(name);
  }
  return due;
}

async function haveCompleted(db: LedgerDatabase, follower: string, after: string[]): Promise<boolean> {
  const { rows } = await sql<{ completed: number }>`
    select count(*)::int as completed
    from (select distinct unnest(${after}::text[]) as sync) as awaited
    cross join lateral (
      select finished_at from runs
      where runs.sync = awaited.sync and number is not null and status = 'completed'
        and arguments ->> 'selection' is null
      order by number desc limit 1) as last
    where last.finished_at > coalesce(
      (select started_at from runs
       where sync = ${follower} and number is not null and arguments ->> 'selection' is null
       order by number desc limit 1), '-infinity')`.execute(db);
  return rows[0]?.completed === new Set(after).size;
}
