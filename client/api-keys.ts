import { createApiKey, listApiKeys, revokeApiKey, type ApiKey } from '../ledger/api-keys.ts';
import { readAudit, type AuditEntry } from '../ledger/audit.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Role } from '../vocabulary/role.ts';
import type { ClientConnection } from './connection.ts';

export type { ApiKey, AuditEntry };

export interface NewApiKey {
  name: string;
  role: Role;
  /** ISO 8601. @default never */
  expiresAt?: string | null | undefined;
}

/** Keys of the HTTP API, straight in the ledger. */
export const keysOf = ({ ledger }: ClientConnection) => ({
  async create({ expiresAt = null, name, role }: NewApiKey): Promise<{ key: ApiKey; text: string }> {
    const expires = expiresAt === null ? null : new Date(expiresAt);
    if (expires !== null && !(expires.getTime() > Date.now()))
      throw new BackhaulError('usage', 'the key would have expired already');
    return createApiKey(ledger.db, { name, role, expiresAt: expires });
  },
  list: (): Promise<ApiKey[]> => listApiKeys(ledger.db),
  revoke: (id: string): Promise<ApiKey> => revokeApiKey(ledger.db, id),
});

const DEFAULT_AUDIT_LIMIT = 100;

export const auditOf = (
  { ledger }: ClientConnection,
  { limit = DEFAULT_AUDIT_LIMIT }: { limit?: number | undefined } = {},
): Promise<AuditEntry[]> => readAudit(ledger.db, limit);
