import { z } from 'zod';
import type { Definitions } from '../../../definitions/schema.ts';
import { errorTable } from '../../../vocabulary/errors.ts';
import type { Recap } from '../../../vocabulary/recap.ts';
import { runStatuses } from '../../../vocabulary/run.ts';
import { writebackTargets } from '../../../vocabulary/writeback.ts';
import type { Preview } from '../../on-worker.ts';
import type { HistoryEntry } from '../../key-history.ts';
import type { SentRow } from '../../send-row.ts';

/** The documents that the HTTP API takes and gives, as schemas. */

const codes = Object.keys(errorTable) as [keyof typeof errorTable];
const count = z.number().int();
const time = z.string().meta({ description: 'ISO 8601' });

export const errorSchema = z
  .object({ code: z.enum(codes), message: z.string(), action: z.string() })
  .meta({ id: 'Error', description: 'What happened, and what to do.' });

const runFields = {
  id: z.string(),
  number: count.nullable(),
  sync: z.string(),
  status: z.enum(runStatuses),
  withErrors: z.boolean(),
  mode: z.enum(['full', 'incremental', 'adopt', 'restricted']).nullable(),
  modeReason: z.string().nullable(),
  rows: z.object({
    read: count,
    added: count,
    changed: count,
    unchanged: count,
    removed: count,
    invalid: count,
  }),
  messages: z.object({ planned: count, accepted: count, rejected: count }),
  requests: count,
  startedAt: time,
  finishedAt: time.nullable(),
  error: errorSchema.nullable(),
  retrying: errorSchema.nullable(),
  warnings: z.array(z.string()),
  temporal: z.object({ workflowId: z.string(), runId: z.string(), url: z.string().nullable() }),
};
export const runSchema = z.object(runFields).meta({ id: 'Run', description: 'One execution of a sync.' });

export const startedSchema = z
  .object({ how: z.enum(['started', 'attached', 'existing', 'skipped']), run: runSchema })
  .meta({ id: 'Started', description: 'What a start came to, and its run.' });

export const writebackSchema = z
  .object({
    target: z.enum(writebackTargets),
    status: z.enum(['writing', 'written', 'failed', 'cancelled']),
    version: count,
    rows: count,
    files: count,
    error: errorSchema.nullable(),
    startedAt: time,
    finishedAt: time.nullable(),
  })
  .meta({ id: 'Writeback', description: 'What became of writing a run back.' });

export const describedRunSchema = z
  .object({
    ...runFields,
    invalid: z.record(z.string(), count),
    rejected: z.record(z.string(), count),
    delivery: z.object({ received: count, failed: z.record(z.string(), count), askedAt: time }).nullable(),
    approval: z
      .object({
        reasons: z.array(z.string()),
        since: time.nullable(),
        decision: z.enum(['approved', 'declined']).nullable(),
        decidedAt: time.nullable(),
      })
      .nullable(),
    writeback: z.array(writebackSchema),
  })
  .meta({ id: 'DescribedRun', description: 'A run with its reasons.' });

export const outcomeRowSchema = z
  .object({
    outcome: z.enum(['accepted', 'invalid', 'rejected']),
    key: z.string().nullable(),
    reason: z.string().nullable(),
    column: z.string().nullable(),
    payload: z.unknown().optional(),
  })
  .meta({ id: 'OutcomeRow', description: 'A row by what became of it.' });

/** A document of ours that is described elsewhere; its form is not checked again. */
const documented = <Document>(id: string, description: string) =>
  z.custom<Document>().meta({ id, description, type: 'object', additionalProperties: true });

export const recapSchema = documented<Recap>('Recap', 'What a run would send: docs/cli.md, backhaul recap.');
export const sentRowSchema = documented<SentRow>(
  'SentRow',
  'What came of one row: docs/cli.md, backhaul send.',
);
export const historyEntrySchema = documented<HistoryEntry>(
  'HistoryEntry',
  'A run that touched a key: docs/cli.md, backhaul history.',
);

export const previewSchema = documented<Preview>(
  'Preview',
  'Columns and first rows: docs/cli.md, backhaul preview.',
);

const section = (what: string) =>
  z.record(z.string(), z.looseObject({})).meta({ description: `${what} by name, as in docs/definitions.md` });

/** As it arrives; what it says is checked as the YAML of a file is. */
export const writtenDefinitionsSchema = z
  .object({
    connections: section('Connections').optional(),
    models: section('Models').optional(),
    syncs: section('Syncs').optional(),
    alerts: section('Alerts').optional(),
  })
  .strict();

export const definitionsSchema = documented<Definitions>(
  'Definitions',
  'All that the installation is told to do; a secret stands as a reference.',
);

export const changeSchema = z
  .object({
    kind: z.enum(['connection', 'model', 'sync', 'alert', 'schedule', 'watch']),
    name: z.string(),
    change: z.enum(['added', 'changed', 'removed', 'unchanged']),
    fields: z.array(z.string()),
  })
  .meta({ id: 'Change' });

export const secretsSchema = z
  .record(z.string(), z.string())
  .meta({ description: 'By field. Stored encrypted, never given back.', writeOnly: true });
