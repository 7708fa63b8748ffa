import { z } from 'zod';
import { roles } from '../../../vocabulary/role.ts';
import { endpoint } from './endpoint.ts';

const tag = 'Keys';
export const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(roles),
    createdAt: z.string(),
    expiresAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
  })
  .meta({ id: 'ApiKey' });

export const keyEndpoints = {
  listKeys: endpoint({
    method: 'GET',
    path: '/v1/keys',
    role: 'admin',
    tag,
    summary: 'Keys of this API, without what proves them',
    kind: 'json',
    answer: z.array(apiKeySchema),
  }),
  createKey: endpoint({
    method: 'POST',
    path: '/v1/keys',
    role: 'admin',
    secretAnswer: true,
    tag,
    summary: 'Makes a key; its text is given once',
    body: z.object({
      name: z.string().min(1).max(100),
      role: z.enum(roles),
      expiresAt: z.iso.datetime().nullable().default(null),
    }),
    kind: 'json',
    answer: z.object({ key: apiKeySchema, text: z.string() }),
  }),
  revokeKey: endpoint({
    method: 'DELETE',
    path: '/v1/keys/:id',
    role: 'admin',
    tag,
    summary: 'From now on it proves nothing',
    params: z.object({ id: z.string() }),
    kind: 'json',
    answer: apiKeySchema,
  }),
  readAudit: endpoint({
    method: 'GET',
    path: '/v1/audit',
    role: 'admin',
    tag,
    summary: 'What was changed, and which row values were read, by which key; the newest first',
    query: z.object({ limit: z.coerce.number().int().min(1).max(10_000).default(100) }),
    kind: 'json',
    answer: z.array(
      z.object({
        at: z.string(),
        key: z.object({ id: z.string(), name: z.string() }),
        action: z.string(),
        target: z.string().nullable(),
        status: z.number().int(),
      }),
    ),
  }),
};
