import { z } from 'zod';
import {
  describedRunSchema,
  outcomeRowSchema,
  recapSchema,
  runSchema,
  sentRowSchema,
  startedSchema,
  writebackSchema,
} from './documents.ts';
import { endpoint } from './endpoint.ts';

const tag = 'Runs';
const params = z.object({ id: z.string() });

/** What is said to a run that goes on; the answer is the run as it then stands. */
const steer = <Word extends string>(word: Word, summary: string) =>
  endpoint({
    method: 'POST',
    path: `/v1/runs/:id/${word}`,
    role: 'operator',
    tag,
    summary,
    params,
    kind: 'json',
    answer: runSchema,
  });

export const runEndpoints = {
  listRuns: endpoint({
    method: 'GET',
    path: '/v1/runs',
    role: 'viewer',
    tag,
    summary: 'Runs, newest first',
    query: z.object({
      sync: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(50),
    }),
    kind: 'json',
    answer: z.array(runSchema),
  }),
  getRun: endpoint({
    method: 'GET',
    path: '/v1/runs/:id',
    role: 'viewer',
    tag,
    summary: 'A run with its reasons',
    params,
    kind: 'json',
    answer: describedRunSchema,
  }),
  runEvents: endpoint({
    method: 'GET',
    path: '/v1/runs/:id/events',
    role: 'viewer',
    tag,
    summary: 'The run as it goes: an event `run` about once a second, the last one its end',
    params,
    kind: 'sse',
    answer: runSchema,
  }),
  runRows: endpoint({
    method: 'GET',
    path: '/v1/runs/:id/rows',
    role: 'operator',
    rowValues: true,
    tag,
    summary: 'The rows of a run by what became of them',
    params,
    query: z.object({
      outcome: z.enum(['accepted', 'invalid', 'rejected']).optional(),
      payload: z.enum(['true', 'false']).default('false'),
    }),
    kind: 'ndjson',
    answer: outcomeRowSchema,
  }),
  runRecap: endpoint({
    method: 'GET',
    path: '/v1/runs/:id/recap',
    role: 'operator',
    rowValues: true,
    tag,
    summary: 'What was shown of a run that waits, or waited, for an approval',
    params,
    kind: 'json',
    answer: recapSchema,
  }),
  runSent: endpoint({
    method: 'POST',
    path: '/v1/runs/:id/sent',
    role: 'operator',
    rowValues: true,
    readsOnly: true,
    tag,
    summary: 'What left for one key, and what came back, once the run has ended',
    params,
    body: z.object({ key: z.string() }),
    kind: 'json',
    answer: sentRowSchema,
  }),
  retryRun: endpoint({
    method: 'POST',
    path: '/v1/runs/:id/retry',
    role: 'operator',
    tag,
    summary: 'Sends the rejected (or invalid) rows of a run again, with their values of now',
    params,
    body: z.object({ outcome: z.enum(['rejected', 'invalid']).default('rejected') }),
    kind: 'json',
    answer: z.object({
      rows: z.number().int(),
      withoutKey: z.number().int(),
      started: startedSchema.nullable(),
    }),
  }),
  writeBackRun: endpoint({
    method: 'POST',
    path: '/v1/runs/:id/writeback',
    role: 'operator',
    tag,
    summary: 'Writes a run that has ended back, as its sync says now, and waits for the end',
    params,
    kind: 'json',
    answer: z.array(writebackSchema),
  }),
  cancelRun: steer('cancel', 'Asks it to stop: what is in flight is finished and recorded'),
  pauseRun: steer('pause', 'It finishes the pages under way and takes no more'),
  resumeRun: steer('resume', 'It goes on'),
  approveRun: steer('approve', 'Sends the plan that it waits with'),
  declineRun: steer('decline', 'Ends it: nothing of its plan is sent'),
};
