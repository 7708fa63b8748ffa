import type { z } from 'zod';
import type { Path } from './fault.ts';
import { findingsOf, type Finding, type Subject } from './issues.ts';

/** What became of one written definition. `definition` is null when `findings` has something. */
export interface Checked<Definition> {
  definition: Definition | null;
  findings: Finding[];
  warnings: Finding[];
}

/** Holds a value against a schema, in our words. */
export function checkSchema<Schema extends z.ZodType>(
  subject: Omit<Subject, 'schema'> & { schema: Schema },
): { data: z.output<Schema> | null; findings: Finding[] } {
  const result = subject.schema.safeParse(subject.value);
  if (result.success) return { data: result.data, findings: [] };
  return { data: null, findings: findingsOf(subject, result.error.issues) };
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a field is written at all; empty counts, since it was meant. */
export const has = (fields: Fields, name: string): boolean => Object.hasOwn(fields, name);

/** Every text in a value, with where it stands. */
export function* textsIn(value: unknown, path: Path = []): Generator<{ path: Path; text: string }> {
  if (typeof value === 'string') yield { path, text: value };
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* textsIn(item, [...path, index]);
  else if (isFields(value))
    for (const [name, field] of Object.entries(value)) yield* textsIn(field, [...path, name]);
}
