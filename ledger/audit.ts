import type { LedgerDatabase } from './connect.ts';

/** Something that was changed, or a row value that was read, by whom. Holds names and ids, no values. */
export interface AuditEntry {
  at: string;
  key: { id: string; name: string };
  /** `POST /v1/syncs/{name}/runs`. */
  action: string;
  /** What it was done to: `users`. */
  target: string | null;
  /** HTTP status of the answer. */
  status: number;
}

export interface AuditWrite {
  keyId: string;
  keyName: string;
  action: string;
  target: string | null;
  status: number;
}

export async function writeAudit(
  db: LedgerDatabase,
  { action, keyId, keyName, status, target }: AuditWrite,
): Promise<void> {
  await db.insertInto('audit').values({ action, key_id: keyId, key_name: keyName, status, target }).execute();
}

/** The newest first. */
export async function readAudit(db: LedgerDatabase, limit: number): Promise<AuditEntry[]> {
  const rows = await db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit).execute();
  return rows.map(({ action, at, key_id, key_name, status, target }) => ({
    at: at.toISOString(),
    key: { id: key_id, name: key_name },
    action,
    target,
    status,
  }));
}
