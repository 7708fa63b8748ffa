import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { RetriedOutcome } from '../vocabulary/row-outcomes.ts';
import type { LedgerDatabase } from './connect.ts';

/** What a run is restricted to. Keys travel by it, never by Temporal. */
export type Selection = {
  /** Whether rows go out again that are unchanged against the state. */
  resend: boolean;
} & (
  | { kind: 'keys'; keys: readonly string[] }
  /** Those of an earlier run, which may be many: they are read from its blobs. */
  | { kind: 'of_run'; run: string; outcome: RetriedOutcome }
);

/** One that no run names is removed by the next, once the run of it can no longer be waiting for a worker. */
const FORGOTTEN_AFTER = '7 days';

/**
 * @param requestKey what the sender has named its request by: the same request with the same selection gets the same id. The id is
 * not made of them: it travels in Temporal, where nobody is to find out a key by trying.
 * @returns the id that a run names it by
 */
export async function writeSelection(
  db: LedgerDatabase,
  sync: string,
  selection: Selection,
  requestKey?: string,
): Promise<string> {
  await removeForgotten(db);
  const row = {
    keys: selection.kind === 'keys' ? JSON.stringify(selection.keys) : null,
    of_run: selection.kind === 'of_run' ? selection.run : null,
    outcome: selection.kind === 'of_run' ? selection.outcome : null,
    resend: selection.resend,
  };
  const named =
    requestKey === undefined ? {} : { id: await namedId(db, sync, requestKey, JSON.stringify(row)) };
  const { id } = await db
    .insertInto('selections')
    .values({ ...named, sync, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ created_at: sql<Date>`now()` }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function namedId(
  db: LedgerDatabase,
  sync: string,
  requestKey: string,
  selected: string,
): Promise<string> {
  const digest = createHash('sha256').update(selected).digest('hex');
  const { selection } = await db
    .insertInto('named_selections')
    .values({ sync, request_key: requestKey, digest })
    .onConflict((conflict) => conflict.columns(['sync', 'request_key', 'digest']).doUpdateSet({ digest }))
    .returning('selection')
    .executeTakeFirstOrThrow();
  return selection;
}

async function removeForgotten(db: LedgerDatabase): Promise<void> {
  await sql`delete from selections where created_at < now() - ${FORGOTTEN_AFTER}::interval
    and not exists (select 1 from runs where runs.arguments ->> 'selection' = selections.id::text)`.execute(
    db,
  );
  await sql`delete from named_selections where created_at < now() - ${FORGOTTEN_AFTER}::interval`.execute(db);
}

/** No run came of it: its keys need not stay. */
export async function removeSelection(db: LedgerDatabase, id: string): Promise<void> {
  await db.deleteFrom('selections').where('id', '=', id).execute();
}

/** @throws selection_not_found, also when it is one of another sync */
export async function readSelection(db: LedgerDatabase, id: string, sync: string): Promise<Selection> {
  const row = UUID.test(id)
    ? await db.selectFrom('selections').selectAll().where('id', '=', id).executeTakeFirst()
    : undefined;
  if (row === undefined || row.sync !== sync) throw new BackhaulError('selection_not_found', `sync ${sync}`);
  const { keys, of_run: run, outcome, resend } = row;
  if (run !== null && outcome !== null) return { kind: 'of_run', run, outcome, resend };
  return { kind: 'keys', keys: keys ?? [], resend };
}

/** What a run is restricted to; null: nothing. */
export const selectionOf = async (
  db: LedgerDatabase,
  { selection, sync }: { selection: string | null; sync: string },
): Promise<Selection | null> => (selection === null ? null : readSelection(db, selection, sync));

/** The column takes nothing else, and a program may have handed over any text. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
