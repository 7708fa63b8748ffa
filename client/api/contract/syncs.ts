import { z } from 'zod';
import { historyEntrySchema, recapSchema, startedSchema } from './documents.ts';
import { endpoint } from './endpoint.ts';

const tag = 'Syncs';
const params = z.object({ name: z.string() });
const starting = {
  idempotencyKey: z
    .string()
    .optional()
    .meta({ description: 'Given again within 7 days it returns the same run. @default the Idempotency-Key' }),
  ifRunning: z
    .enum(['attach', 'fail'])
    .default('attach')
    .meta({ description: 'When a run with the same arguments goes on.' }),
};

export const syncEndpoints = {
  runSync: endpoint({
    method: 'POST',
    path: '/v1/syncs/:name/runs',
    role: 'operator',
    tag,
    summary: 'Starts a run, or goes along with the one that is going on',
    params,
    body: z.object({ full: z.boolean().default(false), review: z.boolean().default(false), ...starting }),
    kind: 'json',
    answer: startedSchema,
  }),
  adoptSync: endpoint({
    method: 'POST',
    path: '/v1/syncs/:name/adopt',
    role: 'operator',
    tag,
    summary: 'Starts a run that records rows as delivered and sends none',
    params,
    body: z.object({ where: z.string().optional(), ...starting }),
    kind: 'json',
    answer: startedSchema,
  }),
  recapSync: endpoint({
    method: 'POST',
    path: '/v1/syncs/:name/recap',
    role: 'operator',
    rowValues: true,
    readsOnly: true,
    tag,
    summary: 'What the next run would do; sends nothing',
    params,
    kind: 'json',
    answer: recapSchema,
  }),
  sendRow: endpoint({
    method: 'POST',
    path: '/v1/syncs/:name/send',
    role: 'operator',
    rowValues: true,
    tag,
    summary: 'Runs the row of one key through, changed or not',
    params,
    body: z.object({ key: z.string() }),
    kind: 'json',
    answer: startedSchema,
  }),
  keyHistory: endpoint({
    method: 'POST',
    path: '/v1/syncs/:name/history',
    role: 'operator',
    rowValues: true,
    readsOnly: true,
    tag,
    summary: 'Every run that touched a key, the newest first; the end line says how many were looked through',
    params,
    body: z.object({
      key: z.string(),
      limit: z.number().int().min(1).optional(),
      payload: z.boolean().default(false),
    }),
    kind: 'ndjson',
    answer: historyEntrySchema,
  }),
  pauseSync: endpoint({
    method: 'POST',
    path: '/v1/syncs/:name/pause',
    role: 'operator',
    tag,
    summary: 'Nothing starts it by itself until it is resumed',
    params,
    kind: 'json',
    answer: z.object({ sync: z.string(), paused: z.boolean() }),
  }),
  resumeSync: endpoint({
    method: 'POST',
    path: '/v1/syncs/:name/resume',
    role: 'operator',
    tag,
    summary: 'Lets its schedule start it again',
    params,
    kind: 'json',
    answer: z.object({ sync: z.string(), paused: z.boolean() }),
  }),
  listSchedules: endpoint({
    method: 'GET',
    path: '/v1/schedules',
    role: 'viewer',
    tag,
    summary: 'The syncs that start by themselves, with their next and last starts',
    kind: 'json',
    answer: z.array(
      z
        .object({
          sync: z.string(),
          schedule: z.looseObject({}).nullable(),
          after: z.array(z.string()),
          paused: z.boolean(),
          next: z.array(z.string()),
          last: z.string().nullable(),
          drift: z.boolean(),
        })
        .meta({ id: 'ScheduledSync' }),
    ),
  }),
};
