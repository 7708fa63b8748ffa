import { z } from 'zod';
import { choiceField, textField } from './fields.ts';
import { parseTraitPath } from './trait-path.ts';

export const nullPolicies = ['send', 'omit'] as const;
export type NullPolicy = (typeof nullPolicies)[number];

/** What a value becomes, whatever the column is. */
export const valueTypes = ['string', 'number', 'integer', 'boolean', 'datetime'] as const;
export type ValueType = (typeof valueTypes)[number];

/** What a value that cannot be sent does: it makes its row invalid, or is left out. */
export const errorPolicies = ['invalid', 'omit'] as const;
export type ErrorPolicy = (typeof errorPolicies)[number];

/** What is known of a run when its rows are mapped. */
export const runFields = ['id', 'sync', 'startedAt'] as const;
export type RunField = (typeof runFields)[number];

export type Constant = string | number | boolean | null;

/** `nulls` overrides the sync's; without `onError` a value that cannot be sent makes its row invalid. */
export interface EntryOptions {
  nulls?: NullPolicy | undefined;
  type?: ValueType | undefined;
  onError?: ErrorPolicy | undefined;
}

/** A column, its hash, a text made of columns, or the same value for every row, under a trait's name. */
export type MappingEntry = { to: string } & EntryOptions &
  (
    | { from: string }
    | { constant: Constant }
    | { hash: { from: string } }
    | { template: string }
    | { run: RunField }
  );

/** Beyond 2^53 a JSON number would arrive as another one. */
const constantNumber = z.number().refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), {
  error: 'is a number that JSON would change',
});

/** The fields of which an entry has one: what it sends. */
export const entrySources = ['from', 'constant', 'template', 'hash', 'run'] as const;

export const writtenMappingEntrySchema = z.strictObject({
  from: textField('the name of a column').optional(),
  constant: z
    .union([z.string(), constantNumber, z.boolean(), z.null()])
    .describe('a text, a number up to 2^53, true, false or null; longer numbers in quotes')
    .optional(),
  template: textField('a text such as "{{ first_name }} {{ last_name }}"').optional(),
  hash: z
    .strictObject({ from: textField('the name of a column') })
    .describe('{ from: column }')
    .optional(),
  run: choiceField(runFields).optional(),
  to: textField('the name of a trait').refine((text) => !/\S/.test(text) || parseTraitPath(text) !== null, {
    error: 'has an empty name beside a dot',
  }),
  nulls: choiceField(nullPolicies).optional(),
  type: choiceField(valueTypes).optional(),
  onError: choiceField(errorPolicies).optional(),
});
export type WrittenMappingEntry = z.output<typeof writtenMappingEntrySchema>;

export function entryOf(written: WrittenMappingEntry): MappingEntry {
  const { constant = null, from, hash, nulls, onError, run, template, to, type } = written;
  const options = {
    to,
    ...(nulls === undefined ? {} : { nulls }),
    ...(type === undefined ? {} : { type }),
    ...(onError === undefined ? {} : { onError }),
  };
  if (from !== undefined) return { from, ...options };
  if (template !== undefined) return { template, ...options };
  if (hash !== undefined) return { hash, ...options };
  if (run !== undefined) return { run, ...options };
  return { constant, ...options };
}
