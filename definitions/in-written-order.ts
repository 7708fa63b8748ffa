import { z } from 'zod';
import { alertSchema } from './alert.ts';
import { connectionSchemas, isConnectionType } from './connection.ts';
import { isFields } from './checked.ts';
import { writtenModelSchema } from './model.ts';
import type { DefinitionKind } from './schema.ts';
import { writtenSyncSchema } from './sync.ts';

/**
 * A stored definition with its fields in the order in which people write them: PostgreSQL gives back those of a `jsonb` by their
 * length.
 */
export function inWrittenOrder<T>(kind: DefinitionKind, document: T): T {
  const schema = schemaOf(kind, document);
  return schema === null ? document : (ordered(document, schema) as T);
}

function schemaOf(kind: DefinitionKind, document: unknown): z.ZodObject | null {
  if (kind === 'model') return writtenModelSchema;
  if (kind === 'sync') return writtenSyncSchema;
  if (kind === 'alert') return alertSchema;
  const type = isFields(document) ? document.type : undefined;
  return typeof type === 'string' && isConnectionType(type) ? connectionSchemas[type].written : null;
}

function ordered(value: unknown, schema: z.core.$ZodType): unknown {
  const inner = unwrapped(schema);
  if (Array.isArray(value) && inner instanceof z.ZodArray)
    return value.map((item: unknown) => ordered(item, inner.element));
  if (!isFields(value) || !(inner instanceof z.ZodObject)) return value;
  const shape = inner.shape as Record<string, z.core.$ZodType>;
  const names = Object.keys(shape);
  const rank = (name: string): number => (names.includes(name) ? names.indexOf(name) : names.length);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => rank(one) - rank(other))
      .map(([name, field]) => [name, shape[name] === undefined ? field : ordered(field, shape[name])]),
  );
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.def.innerType;
  }
  return inner;
}
