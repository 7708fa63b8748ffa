/**
 * The fields that definitions are made of. The description of each is what a fault tells the reader to write.
 *
 * @module
 */
import { z } from 'zod';
import { DURATION_PATTERN, durationMs } from './duration.ts';

export const textField = (description: string) =>
  z.string().regex(/\S/, { error: 'is empty' }).describe(description);

export const wholeNumberField = (min: number, max: number, example: number) =>
  z.int().min(min).max(max).describe(`a whole number from ${min} to ${max}, such as ${example}`);

/** @param maxMs the longest that is allowed, and how to write it */
export const durationField = (
  example: string,
  max: { text: string; ms: number } = { text: '3650d', ms: durationMs('3650d') },
) =>
  z
    .string()
    .refine((text) => DURATION_PATTERN.test(text) && durationMs(text) > 0 && durationMs(text) <= max.ms, {
      error: 'is not a duration that Backhaul takes',
    })
    .describe(`a whole number above 0 with ms, s, m, h or d, at most ${max.text}, such as ${example}`);

export const choiceField = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values).describe(values.length === 1 ? values[0] : `one of ${values.join(', ')}`);

/** A text with a reference in it: what it stands for is checked when it is resolved. */
const referenceText = z.templateLiteral([z.string(), '${', z.string()]);

/** A field that is not text, or not any text, and may come by `${VARIABLE}` all the same. */
export const orReference = <Field extends z.ZodType>(field: Field) => {
  const union = z.union([field, referenceText]);
  return field.description === undefined ? union : union.describe(`${field.description}, or a \${VARIABLE}`);
};

/** The other side of `orReference`: environment variables are text, also where a number is meant. */
export const numberFromText = <Field extends z.ZodType>(field: Field) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value),
    field,
  );

/** The same for yes and no. */
export const booleanFromText = <Field extends z.ZodType>(field: Field) =>
  z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), field);

export const booleanField = () => z.boolean().describe('true or false');

/** @param example an address without user and password */
export const webUrlField = (example: string) =>
  z
    .string()
    .refine(isPlainWebUrl, { error: 'is not a web address that Backhaul takes' })
    .describe(`an http or https address without user and password, such as ${example}`);

const isPlainWebUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
};

/** A field that the interface promises and this version does not have: refused, never ignored. */
export const unavailableField = (what: string, instead: string) =>
  z.never({ error: what }).describe(instead).optional();
