import { z } from 'zod';
import { choiceField, textField, unavailableField } from './fields.ts';

export const nullPolicies = ['send', 'omit'] as const;
export type NullPolicy = (typeof nullPolicies)[number];

/** A column under a trait's name, or the same value for every row. `nulls` overrides the sync's. */
export type MappingEntry =
  | { from: string; to: string; nulls?: NullPolicy | undefined }
  | { constant: string | number | boolean | null; to: string; nulls?: NullPolicy | undefined };

/** Beyond 2^53 a JSON number would arrive as another one. */
const constantNumber = z.number().refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), {
  error: 'is a number that JSON would change',
});

export const writtenMappingEntrySchema = z.strictObject({
  from: textField('the name of a column').optional(),
  constant: z
    .union([z.string(), constantNumber, z.boolean(), z.null()])
    .describe('a text, a number up to 2^53, true, false or null; longer numbers in quotes')
    .optional(),
  to: textField('the name of a trait'),
  nulls: choiceField(nullPolicies).optional(),
  template: unavailableField('templates are not available yet', 'Compute the value in the model'),
  hash: unavailableField('hashing is not available yet', 'Hash in the model, such as md5(email)'),
  type: unavailableField('converting types is not available yet', 'Cast in the model'),
  onError: unavailableField('onError is not available yet', 'Leave it out'),
});
export type WrittenMappingEntry = z.output<typeof writtenMappingEntrySchema>;
