import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Role } from '../vocabulary/role.ts';
import type { LedgerDatabase } from './connect.ts';

/** A key of the HTTP API, without what proves it. */
export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  createdAt: string;
  expiresAt: string | null;
  /** To the minute; null: never. */
  lastUsedAt: string | null;
  revokedAt: string | null;
}

/** Of the random part: far beyond guessing, so that a plain SHA-256 of it is a safe thing to store. */
const SECRET_BYTES = 32;
const ID_BYTES = 6;
const FORM = /^bh_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Makes a key. Its text is given once and is kept nowhere. */
export async function createApiKey(
  db: LedgerDatabase,
  { expiresAt = null, name, role }: { name: string; role: Role; expiresAt?: Date | null },
): Promise<{ key: ApiKey; text: string }> {
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const row = await db
    .insertInto('api_keys')
    .values({ id, name, role, digest: digestOf(secret), expires_at: expiresAt })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { key: apiKeyOf(row), text: `bh_${id}_${secret}` };
}

/** The key that a text proves, its use noted; undefined when it proves none that is in force. */
export async function useApiKey(db: LedgerDatabase, text: string): Promise<ApiKey | undefined> {
  const [, id = '', secret = ''] = FORM.exec(text) ?? [];
  if (id === '') return undefined;
  const thisMinute = sql<Date>`date_trunc('minute', now())`;
  const row = await db
    .selectFrom('api_keys')
    .selectAll()
    .select(sql<boolean>`last_used_at is not distinct from ${thisMinute}`.as('is_noted'))
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', sql<Date>`now()`)]))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (!timingSafeEqual(Buffer.from(row.digest, 'hex'), Buffer.from(digestOf(secret), 'hex')))
    return undefined;
  // Once a minute: every request waits for this.
  if (!row.is_noted)
    await db.updateTable('api_keys').set({ last_used_at: thisMinute }).where('id', '=', id).execute();
  return apiKeyOf(row);
}

/** All keys, those that are revoked too, the newest first. */
export async function listApiKeys(db: LedgerDatabase): Promise<ApiKey[]> {
  const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at', 'desc').execute();
  return rows.map(apiKeyOf);
}

/** From now on it proves nothing. @throws key_not_found */
export async function revokeApiKey(db: LedgerDatabase, id: string): Promise<ApiKey> {
  const row = await db
    .updateTable('api_keys')
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw new BackhaulError('key_not_found', id);
  return apiKeyOf(row);
}

interface Row {
  id: string;
  name: string;
  role: Role;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const apiKeyOf = (row: Row): ApiKey => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
