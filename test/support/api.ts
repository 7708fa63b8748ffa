import type { AddressInfo } from 'node:net';
import type { ApiPermissions } from '../../definitions/from-api.ts';
import type { Role } from '../../vocabulary/role.ts';
import { openServer } from '../../client/api/server.ts';
import { openConnection } from '../../client/environment.ts';
import type { TestInstallation } from './installation.ts';

export interface TestApi {
  url: string;
  /** A key of that role. */
  key(role: Role): Promise<string>;
  /** A request with a key; `role: null` sends none. */
  fetch(path: string, init?: RequestInit & { role?: Role | null }): Promise<Response>;
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

export interface ApiOptions {
  permissions?: ApiPermissions;
  requestsPerMinute?: number;
  /** To listen again where another one did. */
  port?: number;
}

/** The HTTP API of an installation, in this process. */
export async function startApi(
  { backhaul, env }: Pick<TestInstallation, 'backhaul' | 'env'>,
  {
    permissions = {
      variables: ['WAREHOUSE_URL', 'SEGMENT_WRITE_KEY'],
      networks: ['127.0.0.0/8'],
      workerIdentity: false,
    },
    port = 0,
    requestsPerMinute = 1_000_000,
  }: ApiOptions = {},
): Promise<TestApi> {
  const { close, ...connection } = await openConnection(env);
  const app = await openServer({ connection, permissions, requestsPerMinute });
  await app.listen({ host: '127.0.0.1', port });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const keys = new Map<Role, string>();
  const key = async (role: Role): Promise<string> => {
    const known = keys.get(role) ?? (await backhaul.keys.create({ name: `test ${role}`, role })).text;
    keys.set(role, known);
    return known;
  };
  const api: TestApi = {
    url,
    key,
    async fetch(path, { role = 'admin', ...init } = {}) {
      const headers = new Headers(init.headers);
      if (role !== null) headers.set('authorization', `Bearer ${await key(role)}`);
      return fetch(`${url}${path}`, { ...init, headers });
    },
    post: (path, body = {}, headers = {}) =>
      api.fetch(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    async close() {
      await app.close();
      await close();
    },
  };
  return api;
}
