import { sql, type Transaction } from 'kysely';
import type { LedgerDatabase } from './connect.ts';
import type { LedgerTables } from './schema.ts';
import { keyIdOf, seal, unseal, type SecretPlace, type Sealed } from './seal.ts';

export interface SealedSecret extends Sealed {
  field: string;
}

/** Encrypts the secrets of an owner by the first key. Throws `encryption_keys_missing`. */
export const sealAll = (
  keys: readonly Buffer[],
  owner: string,
  secrets: Readonly<Record<string, string>>,
): SealedSecret[] =>
  Object.entries(secrets).map(([field, secret]) => ({ field, ...seal(keys, { owner, field }, secret) }));

/** Writes secrets; those of the owner that are not among `kept` or written now are removed. */
export async function writeSecrets(
  db: LedgerDatabase | Transaction<LedgerTables>,
  owner: string,
  secrets: readonly SealedSecret[],
  kept: readonly string[],
): Promise<void> {
  for (const { field, keyId, sealed } of secrets) {
    const row = { key_id: keyId, sealed, updated_at: sql<Date>`clock_timestamp()` };
    await db
      .insertInto('secrets')
      .values({ owner, field, ...row })
      .onConflict((conflict) => conflict.columns(['owner', 'field']).doUpdateSet(row))
      .execute();
  }
  const stay = [...kept, ...secrets.map(({ field }) => field)];
  const others = db.deleteFrom('secrets').where('owner', '=', owner);
  await (stay.length === 0 ? others : others.where('field', 'not in', stay)).execute();
}

/** Of which fields of an owner a secret is stored. */
export async function storedFields(db: LedgerDatabase, owner: string): Promise<string[]> {
  const rows = await db.selectFrom('secrets').select('field').where('owner', '=', owner).execute();
  return rows.map(({ field }) => field);
}

/** The secrets of an owner, by field: for the memory of a worker. Throws `encryption_keys_missing` and `secret_unreadable`. */
export async function readSecrets(
  db: LedgerDatabase,
  keys: readonly Buffer[],
  owner: string,
): Promise<Record<string, string>> {
  const rows = await db
    .selectFrom('secrets')
    .select(['field', 'key_id', 'sealed'])
    .where('owner', '=', owner)
    .execute();
  return Object.fromEntries(
    rows.map(({ field, key_id, sealed }) => [
      field,
      unseal(keys, { owner, field }, { keyId: key_id, sealed }),
    ]),
  );
}

/**
 * Encrypts all secrets anew that are not under the first key, all of them or none. Safe to run twice, and beside workers that read:
 * they have both keys. Throws `encryption_keys_missing` and `secret_unreadable`.
 */
export async function rotateSecrets(
  db: LedgerDatabase,
  keys: readonly Buffer[],
): Promise<{ rotated: number; secrets: number }> {
  const first = keys[0] === undefined ? null : keyIdOf(keys[0]);
  return db.transaction().execute(async (transaction) => {
    await sql`lock table secrets in share row exclusive mode`.execute(transaction);
    const rows = await transaction.selectFrom('secrets').selectAll().execute();
    const old = rows.filter(({ key_id }) => key_id !== first);
    for (const { owner, field, key_id, sealed } of old) {
      const place: SecretPlace = { owner, field };
      const anew = seal(keys, place, unseal(keys, place, { keyId: key_id, sealed }));
      await transaction
        .updateTable('secrets')
        .set({ key_id: anew.keyId, sealed: anew.sealed })
        .where('owner', '=', owner)
        .where('field', '=', field)
        .execute();
    }
    return { rotated: old.length, secrets: rows.length };
  });
}
