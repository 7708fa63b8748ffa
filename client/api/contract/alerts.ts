import { z } from 'zod';
import {
  alertOccurrences,
  alertStates,
  notificationEvents,
  notificationStatuses,
} from '../../../vocabulary/alert.ts';
import { errorSchema } from './documents.ts';
import { endpoint } from './endpoint.ts';

const tag = 'Alerts';
const time = z.string().meta({ description: 'ISO 8601' });

const raisedSchema = z
  .object({
    alert: z.string(),
    sync: z.string(),
    condition: z.enum(alertStates),
    message: z.string(),
    run: z.string().nullable(),
    since: time,
  })
  .meta({ id: 'RaisedAlert', description: 'An alert that stands for a sync.' });

const notificationSchema = z
  .object({
    id: z.string(),
    alert: z.string(),
    sync: z.string(),
    condition: z.enum([...alertStates, ...alertOccurrences]),
    event: z.enum(notificationEvents),
    message: z.string(),
    run: z.string().nullable(),
    channel: z.string(),
    status: z.enum(notificationStatuses),
    attempts: z.number().int(),
    error: errorSchema.nullable(),
    createdAt: time,
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Notification', description: 'A message to a channel, and what became of it.' });

export const alertEndpoints = {
  listAlerts: endpoint({
    method: 'GET',
    path: '/v1/alerts',
    role: 'viewer',
    tag,
    summary: 'Alerts that stand now, the oldest first',
    kind: 'json',
    answer: z.array(raisedSchema),
  }),
  listNotifications: endpoint({
    method: 'GET',
    path: '/v1/notifications',
    role: 'viewer',
    tag,
    summary: 'What was told to whom, the newest first',
    query: z.object({
      sync: z.string().optional(),
      status: z.enum(notificationStatuses).optional(),
      limit: z.coerce.number().int().min(1).max(1000).optional(),
    }),
    kind: 'json',
    answer: z.array(notificationSchema),
  }),
  redeliver: endpoint({
    method: 'POST',
    path: '/v1/notifications/:id/redeliver',
    role: 'operator',
    tag,
    summary: 'Sends a notification again, under the id that it had',
    params: z.object({ id: z.string() }),
    kind: 'json',
    answer: notificationSchema,
  }),
};
