import type { ApiContext, Handlers } from '../handlers.ts';

export function keyHandlers({
  backhaul,
}: ApiContext): Handlers<'listKeys' | 'createKey' | 'revokeKey' | 'readAudit'> {
  return {
    listKeys: () => backhaul.keys.list(),
    createKey: ({ body }) => backhaul.keys.create(body),
    revokeKey: ({ params: { id } }) => backhaul.keys.revoke(id),
    readAudit: ({ query: { limit } }) => backhaul.audit.list({ limit }),
  };
}
