import { sql } from 'kysely';
import type { ConnectionDefinition } from '../definitions/connection.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { LedgerDatabase } from './connect.ts';
import { sealAll, writeSecrets } from './secrets.ts';

/** Whose the secrets of a draft are. No connection has a slash in its name. */
export const draftOwner = (id: string): string => `draft/${id}`;

/** A connection that is to be checked before it is stored. */
export async function writeDraft(
  db: LedgerDatabase,
  keys: readonly Buffer[],
  document: object,
  secrets: Readonly<Record<string, string>>,
): Promise<string> {
  await removeForgottenDrafts(db);
  return db.transaction().execute(async (transaction) => {
    const { id } = await transaction
      .insertInto('connection_drafts')
      .values({ document: JSON.stringify(document) })
      .returning('id')
      .executeTakeFirstOrThrow();
    await writeSecrets(transaction, draftOwner(id), sealAll(keys, draftOwner(id), secrets), []);
    return id;
  });
}

export async function readDraft(db: LedgerDatabase, id: string): Promise<ConnectionDefinition> {
  const row = await db
    .selectFrom('connection_drafts')
    .select('document')
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new BackhaulError('connection_not_found', `draft ${id}`);
  // Only validated documents are written.
  return row.document as ConnectionDefinition;
}

export const removeDraft = (db: LedgerDatabase, id: string): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('connection_drafts').where('id', '=', id).execute();
    await writeSecrets(transaction, draftOwner(id), [], []);
  });

/** Of commands that were killed more than an hour ago; and secrets of drafts that are no more. */
export async function removeForgottenDrafts(db: LedgerDatabase): Promise<void> {
  await sql`with old as (delete from connection_drafts where created_at < now() - interval '1 hour')
    delete from secrets where owner like 'draft/%' and not exists (
      select from connection_drafts
      where 'draft/' || id = owner and created_at >= now() - interval '1 hour')`.execute(db);
}
