import { z } from 'zod';
import {
  changeSchema,
  definitionsSchema,
  previewSchema,
  secretsSchema,
  writtenDefinitionsSchema,
} from './documents.ts';
import { endpoint } from './endpoint.ts';

const tag = 'Definitions';
const given = z.object({
  definitions: writtenDefinitionsSchema,
  prune: z.boolean().default(false).meta({ description: 'Removes what is not given.' }),
});

export const definitionEndpoints = {
  getDefinitions: endpoint({
    method: 'GET',
    path: '/v1/definitions',
    role: 'viewer',
    tag,
    summary: 'All connections, models, syncs and alerts as they stand',
    kind: 'json',
    answer: definitionsSchema,
  }),
  planDefinitions: endpoint({
    method: 'POST',
    path: '/v1/definitions/plan',
    role: 'admin',
    readsOnly: true,
    tag,
    summary: 'What applying these would change; changes nothing',
    body: given,
    kind: 'json',
    answer: z.object({
      changes: z.array(changeSchema),
      basis: z.string().meta({ description: 'What the plan was made against; give it to apply.' }),
    }),
  }),
  applyDefinitions: endpoint({
    method: 'POST',
    path: '/v1/definitions/apply',
    role: 'admin',
    tag,
    summary: 'Adds and changes definitions; with prune removes what is not given',
    body: given.extend({
      basis: z
        .string()
        .optional()
        .meta({ description: 'Refused with definitions_changed when they have changed since that plan.' }),
    }),
    kind: 'json',
    answer: z.object({ changes: z.array(changeSchema) }),
  }),
  putDefinition: endpoint({
    method: 'PUT',
    path: '/v1/definitions/:kind/:name',
    role: 'admin',
    tag,
    summary: 'Adds or changes one connection, model, sync or alert',
    params: z.object({ kind: z.enum(['connections', 'models', 'syncs', 'alerts']), name: z.string() }),
    query: z.object({
      validate_only: z
        .enum(['true', 'false'])
        .default('false')
        .meta({ description: 'Checks it, and stores nothing.' }),
    }),
    body: z.looseObject({}),
    kind: 'json',
    answer: z.object({ changes: z.array(changeSchema) }),
  }),
  deleteDefinition: endpoint({
    method: 'DELETE',
    path: '/v1/definitions/:kind/:name',
    role: 'admin',
    tag,
    summary: 'Removes one; refused while something needs it',
    params: z.object({ kind: z.enum(['connections', 'models', 'syncs', 'alerts']), name: z.string() }),
    kind: 'json',
    answer: z.object({ changes: z.array(changeSchema) }),
  }),
};

const checkSchema = z
  .object({
    warnings: z.array(z.string()),
    notes: z.array(z.string()),
    test: z.object({ userId: z.string(), messageId: z.string(), seeAt: z.string() }).optional(),
  })
  .meta({ id: 'ConnectionCheck' });

const withSecrets = z.object({ definition: z.looseObject({ type: z.string() }), secrets: secretsSchema });
const named = z.object({ name: z.string() });

export const connectionEndpoints = {
  checkConnection: endpoint({
    method: 'POST',
    path: '/v1/connections/:name/check',
    role: 'operator',
    tag: 'Connections',
    summary: 'Checks a connection for real, from a worker; with sendTest sends one identify of a test user',
    params: named,
    body: z.object({ sendTest: z.boolean().default(false) }),
    kind: 'json',
    answer: checkSchema,
  }),
  checkNewConnection: endpoint({
    method: 'POST',
    path: '/v1/connections/:name/check-new',
    role: 'admin',
    tag: 'Connections',
    summary: 'Checks one that is not stored, from a worker',
    params: named,
    body: withSecrets,
    kind: 'json',
    answer: checkSchema,
  }),
  storeConnections: endpoint({
    method: 'POST',
    path: '/v1/connections',
    role: 'admin',
    tag: 'Connections',
    summary: 'Stores connections with their secrets encrypted, all of them or none',
    body: z.object({ connections: z.record(z.string(), withSecrets) }),
    kind: 'json',
    answer: z.object({ stored: z.array(z.string()) }),
  }),
  rotateKey: endpoint({
    method: 'POST',
    path: '/v1/connections/rotate-key',
    role: 'admin',
    tag: 'Connections',
    summary: 'Encrypts every stored secret with the first of BACKHAUL_ENCRYPTION_KEYS',
    kind: 'json',
    answer: z.object({ rotated: z.number().int(), secrets: z.number().int() }),
  }),
  previewModel: endpoint({
    method: 'POST',
    path: '/v1/models/:name/preview',
    role: 'operator',
    rowValues: true,
    readsOnly: true,
    tag: 'Models',
    summary: 'Columns, types and first rows of a model',
    params: named,
    body: z.object({ limit: z.number().int().min(1).max(1000).default(10) }),
    kind: 'json',
    answer: previewSchema,
  }),
};
