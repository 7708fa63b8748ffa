import { z } from 'zod';
import { writebackSelections } from '../vocabulary/writeback.ts';
import { has, isFields, type Fields } from './checked.ts';
import { booleanField, choiceField, durationField, textField } from './fields.ts';
import type { Finding } from './issues.ts';

/** As PostgreSQL folds names, so that nobody who reads them has to quote them. */
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;
/** PostgreSQL's own, and the one where everybody's tables are: the tables of a write-back have a schema of their own. */
const FOREIGN_SCHEMAS = /^(pg_.*|information_schema|public)$/;

/** Where the outcomes of runs are written to after they have ended. */
export const writebackSchema = z.strictObject({
  /** Of which rows the outcome is written. */
  rows: choiceField(writebackSelections).default('all'),
  /** With each message as Segment got it: values of rows. */
  payload: booleanField().default(false),
  /** Also into tables. */
  postgres: z
    .strictObject({
      connection: textField('the name of a postgres connection with writable: true'),
      schema: z
        .string()
        .refine((name) => SCHEMA_NAME.test(name) && !FOREIGN_SCHEMAS.test(name), {
          error: 'is not the name of a schema of its own',
        })
        .describe(
          'a name of small letters, digits and "_" such as backhaul_results, and none of PostgreSQL itself',
        ),
      /** Older runs of the sync are deleted there. Absent: none. */
      keep: durationField('90d').optional(),
    })
    .optional()
    .describe('{ connection: reporting, schema: backhaul_results }'),
});
export type WritebackDefinition = z.output<typeof writebackSchema>;

/** What is written back of a run whose sync does not say. */
export const DEFAULT_WRITEBACK: WritebackDefinition = { rows: 'all', payload: false };

/** What its fields say of each other. */
export function writebackFindings({ writeback }: Fields): Finding[] {
  if (!isFields(writeback) || writeback.rows !== 'none') return [];
  if (!has(writeback, 'payload') || writeback.payload !== true) return [];
  return [
    {
      path: ['writeback', 'payload'],
      at: 'key',
      message: '"payload" asks for the messages of rows, and "rows" is none',
      fix: 'Write rows: all or rows: failed, or remove payload.',
    },
  ];
}
