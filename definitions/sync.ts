import { z } from 'zod';
import { choiceField, durationField, textField, wholeNumberField } from './fields.ts';
import { nullPolicies, writtenMappingEntrySchema, type MappingEntry } from './mapping-entry.ts';
import { behaviorNames, keyTargets, objectNames } from './objects.ts';
import { scheduleSchema } from './schedule.ts';
import { isShare } from './limit.ts';
import { writebackSchema } from './writeback.ts';

export const normalizations = [
  'match_source_names',
  'start_case',
  'lower_case',
  'upper_case',
  'camel_case',
  'snake_case',
] as const;
export type Normalization = (typeof normalizations)[number];

/** Pages on their way at once: more lanes hide more latency of Segment, and hold more connections open. */
export const DEFAULT_LANES = 4;
export const MAX_LANES = 64;

export const threshold = z
  .union([z.int().min(0), z.string().refine(isShare, { error: 'is not a share' })])
  .describe('a count such as 100, or a share such as "5%"');

export const limitsSchema = z.strictObject({
  /** Then the run fails with run_too_long; what was accepted stays. */
  runtime: durationField('12h').default('12h'),
  /** Nothing read and nothing acknowledged for so long fails the run; waiting for the limiter or a person does not count. */
  noProgress: durationField('15m').default('15m'),
  /** Rows above it fail the run. */
  invalid: threshold.default('100%'),
  /** Messages above it fail the run. */
  rejected: threshold.default(0),
  /** What an empty result means while the state is not empty. */
  emptyResult: choiceField(['fail', 'allow']).default('fail'),
});

export const firstRuns = ['send', 'adopt'] as const;

/** What a run does when what is sent has changed: all rows again, rows as they next change, or all once a person approves. */
export const changePolicies = ['resend', 'going_forward', 'approve'] as const;
export type ChangePolicy = (typeof changePolicies)[number];

export const onChangeSchema = z.strictObject({
  /** The mapping is another one than that which the state was delivered by. */
  mapping: choiceField(changePolicies).optional(),
  /** The model has a column more, and `properties: all` sends it. */
  newColumn: choiceField(changePolicies).optional(),
});
export type OnChange = z.output<typeof onChangeSchema>;
const columnField = z.strictObject({ from: textField('the name of a column') }).describe('{ from: column }');

/** What a removed row does: nothing, or null for every trait of the mapping. */
export const removalWords = ['nothing', 'null_traits'] as const;

/** A run with more than this waits until a person approves its plan. Shares are of the users in the state, of `invalid` of the rows. */
export const approvalAboveSchema = z.strictObject({
  added: threshold.optional(),
  changed: threshold.optional(),
  removed: threshold.optional(),
  invalid: threshold.optional(),
});

/** As it is written. */
export const writtenSyncSchema = z.strictObject({
  model: textField('the name of a model'),
  destination: textField('the name of a Segment connection'),
  key: z
    .strictObject({ from: textField('the key column of the model'), to: choiceField(keyTargets) })
    .describe('{ from: user_id, to: userId }'),
  object: choiceField(objectNames).default('user'),
  /** Of a user. The others have defaults of their own, in definitions/objects.ts. */
  behavior: choiceField(behaviorNames).default('update_or_create'),
  /** The ids of the user beside the key. */
  identifiers: z
    .strictObject({ userId: columnField.optional(), anonymousId: columnField.optional() })
    .optional()
    .describe('{ anonymousId: { from: column } }'),
  /** The name of an event. */
  event: z
    .strictObject({
      from: textField('the name of a column').optional(),
      constant: textField('the name of an event').optional(),
    })
    .optional()
    .describe('{ from: column } or { constant: Order Completed }'),
  /** With `behavior: mirror`. */
  removed: choiceField(removalWords)
    .optional()
    .describe('nothing, null_traits, or { set: [{ constant: true, to: churned }] }'),
  properties: choiceField(['all', 'selected']).default('selected'),
  normalization: choiceField(normalizations).default('match_source_names'),
  mapping: z
    .array(writtenMappingEntrySchema)
    .default([])
    .describe('a list such as - { from: plan, to: plan }'),
  /** Columns that `properties: all` does not send. */
  exclude: z
    .array(textField('the name of a column'))
    .optional()
    .describe('a list of columns such as [internal_note]'),
  nulls: choiceField(nullPolicies).default('send'),
  /** When what a row says came to be; else it is when the snapshot was taken. */
  timestamp: z
    .strictObject({ from: textField('the name of a column') })
    .optional()
    .describe('{ from: updated_at }'),
  context: z
    .array(writtenMappingEntrySchema)
    .optional()
    .describe('a list such as - { from: last_ip, to: ip }'),
  integrations: z
    .record(z.string().min(1), z.boolean().describe('true or false'))
    .optional()
    .describe('the destinations of Segment, such as { All: true, Salesforce: true }'),
  schedule: scheduleSchema.optional().describe('{ cron: "0 * * * *", timezone: UTC } or { every: 15m }'),
  /** Started when these have completed: each of them since this one was last started. */
  after: z
    .array(textField('the name of a sync'))
    .min(1, { error: 'is empty' })
    .optional()
    .describe('a list of syncs such as [organisations]'),
  /** Nothing starts it by itself; a person may. */
  paused: z.boolean().default(false).describe('true or false'),
  lanes: wholeNumberField(1, MAX_LANES, DEFAULT_LANES).default(DEFAULT_LANES),
  approvalAbove: approvalAboveSchema.optional().describe('counts or shares such as { changed: 20% }'),
  /** A run that waits longer for its approval fails with approval_expired. */
  approvalExpires: durationField('7d').optional(),
  /** `adopt`: as long as no run has delivered all rows, a run records those that the state does not know as delivered, and sends none. */
  firstRun: choiceField(firstRuns).optional(),
  onChange: onChangeSchema.optional().describe('fields such as newColumn: going_forward'),
  /** The outcomes of its runs are written where people read them. Absent: they are not. */
  writeback: writebackSchema.optional().describe('{} for the defaults, or fields such as { rows: failed }'),
  /** By which clients of Census's API know the sync. @default the next that is free */
  censusId: z.int().min(1).optional().describe('the id that the sync had in Census, such as 4895'),
  limits: limitsSchema.prefault({}).describe('fields such as runtime: 12h'),
});
export type WrittenSync = z.output<typeof writtenSyncSchema>;

/** The same with traits that a removed row gets. A union would say of a fault inside of it only that there is one. */
export const writtenSyncWithRemovalSchema = writtenSyncSchema.extend({
  removed: z.strictObject({
    set: z
      .array(writtenMappingEntrySchema)
      .min(1, { error: 'is empty' })
      .describe('a list such as - { constant: true, to: churned }'),
  }),
});

export type WrittenSyncWithRemoval = z.output<typeof writtenSyncWithRemovalSchema>;

/** What a row that left the model does at Segment. */
export type Removal = (typeof removalWords)[number] | { set: MappingEntry[] };

/** With every default applied, and nothing in it that this version does not do. */
export type SyncDefinition = Omit<WrittenSync, 'mapping' | 'context' | 'removed'> & {
  mapping: MappingEntry[];
  context?: MappingEntry[];
  removed?: Removal;
};
