import fastifyPlugin from 'fastify-plugin';
import { useApiKey } from '../../ledger/api-keys.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { mayActAs, type Role } from '../../vocabulary/role.ts';
import type { ClientConnection } from '../connection.ts';

export interface Caller {
  key: string;
  name: string;
  role: Role;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role that may; `public` needs no key. Without it nobody may. */
    role?: Role | 'public';
  }
  interface FastifyRequest {
    /** Null where no key is needed. */
    caller: Caller | null;
  }
}

const NOBODY: Role = 'admin';

/** Lets a request through whose key is in force and may do what its route does. */
export const authenticate = fastifyPlugin<{ connection: ClientConnection }>(async (app, { connection }) => {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    const { role = NOBODY } = request.routeOptions.config;
    if (role === 'public' || request.is404) return;
    const key = await useApiKey(connection.ledger.db, tokenOf(request.headers.authorization ?? ''));
    if (key === undefined) throw new BackhaulError('unauthenticated');
    request.caller = { key: key.id, name: key.name, role: key.role };
  });
  // After its requests are counted: one that is refused counts as well.
  app.addHook('preParsing', async ({ caller, routeOptions }) => {
    const { role = NOBODY } = routeOptions.config;
    if (caller === null || role === 'public' || mayActAs(caller.role, role)) return;
    throw new BackhaulError('forbidden', `needs the role ${role}, the key ${caller.name} has ${caller.role}`);
  });
});

/** `Bearer KEY`, or as Basic has it: the user `bearer`, the key as its password. */
export function tokenOf(authorization: string): string {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
  if (/^bearer$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return '';
  const [, user = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
  return user === 'bearer' ? password : '';
}
