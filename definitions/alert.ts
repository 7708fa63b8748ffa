import { z } from 'zod';
import { isFields, checkSchema, type Checked } from './checked.ts';
import { misplacedReferences } from './check-model.ts';
import { booleanField, durationField, textField } from './fields.ts';
import { threshold } from './sync.ts';

/** Growth may be more than double. */
const isDeviation = (text: string): boolean => /^[1-9]\d{0,4}%$/.test(text);

/** What a message is sent for; what is absent, or false, is none. */
const whenSchema = z.strictObject({
  /** A run failed; over with one that completes. */
  failed: booleanField().optional(),
  /** More rows of a run were invalid. */
  invalid: threshold.optional(),
  /** More messages of a run were rejected. */
  rejected: threshold.optional(),
  /** A run takes longer, or took longer; the wait for an approval does not count. */
  runtime: durationField('2h').optional(),
  /** A run read more or fewer rows than the median of those before it, by so much. */
  rows: z
    .string()
    .refine(isDeviation, { error: 'is not a deviation' })
    .describe('how far off the median of the last runs, such as "50%"')
    .optional(),
  /** No run has completed for so long. */
  silence: durationField('26h').optional(),
  /** A run waits for a person. */
  approval: booleanField().optional(),
  /** A run sent all rows: each time, with why. */
  fullSync: booleanField().optional(),
  /** A run ended, however: each time. */
  finished: booleanField().optional(),
});
export type AlertConditions = z.output<typeof whenSchema>;

const syncNames = () =>
  z
    .array(textField('the name of a sync'))
    .min(1, { error: 'is empty' })
    .describe('a list of syncs such as [users]');

/** Who is told of what. */
export const alertSchema = z.strictObject({
  to: z
    .array(textField('the name of a webhook or slack connection'))
    .min(1, { error: 'is empty' })
    .describe('a list of webhook or slack connections such as [oncall]'),
  /** Absent: all, also those that are added later. */
  syncs: syncNames().optional(),
  except: syncNames().optional(),
  when: whenSchema.describe('conditions such as { failed: true, silence: 26h }'),
  /** Whether the end of what was told is told too. */
  recovered: booleanField().default(true),
});
export type AlertDefinition = z.output<typeof alertSchema>;

export function checkAlert(name: string, value: unknown): Checked<AlertDefinition> {
  const title = `the alert "${name}"`;
  const { data, findings } = checkSchema({ schema: alertSchema, title, value, quoteValues: true });
  if (isFields(value)) findings.push(...misplacedReferences(value));
  if (data !== null && !isWatching(data.when)) {
    findings.push({
      path: ['when'],
      at: 'value',
      message: `${title} has no condition`,
      fix: 'Add one to when, such as failed: true.',
    });
  }
  return { definition: findings.length === 0 ? data : null, findings, warnings: [] };
}

const isWatching = (when: AlertConditions): boolean =>
  Object.values(when).some((condition) => condition !== undefined && condition !== false);

export const isFor = ({ except, syncs }: AlertDefinition, sync: string): boolean =>
  (syncs?.includes(sync) ?? true) && !(except?.includes(sync) ?? false);
