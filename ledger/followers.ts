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
    select count(distinct runs.sync)::int as completed from runs
    where runs.sync = any(${after}) and runs.status = 'completed' and runs.arguments ->> 'selection' is null
      and runs.finished_at > coalesce(
        (select max(started_at) from runs as own
         where own.sync = ${follower} and own.status <> 'skipped' and own.arguments ->> 'selection' is null),
        '-infinity')`.execute(db);
  return rows[0]?.completed === new Set(after).size;
}
