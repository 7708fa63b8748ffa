import { ApiFailure } from './api-failure.ts';

/** Fields and what is wanted of each; empty: all of it. */
export type FieldMask = Map<string, FieldMask>;

/** `a,b(c,d/e)`. Source: https://developers.google.com/sheets/api/guides/field-masks, "Read with a field mask". */
export function parseFieldMask(text: string): FieldMask {
  const [mask, rest] = fieldsIn(text);
  if (rest !== '') throw new ApiFailure(400, 'INVALID_ARGUMENT', `Invalid field selection ${rest}`);
  return mask;
}

function fieldsIn(text: string): [FieldMask, string] {
  const mask: FieldMask = new Map();
  let rest = text;
  for (;;) {
    const path = /^[A-Za-z0-9_]+(?:[/.][A-Za-z0-9_]+)*/.exec(rest)?.[0];
    if (path === undefined) throw new ApiFailure(400, 'INVALID_ARGUMENT', `Invalid field selection ${rest}`);
    rest = rest.slice(path.length);
    let at = mask;
    for (const field of path.split(/[/.]/)) {
      const below = at.get(field) ?? new Map<string, never>();
      at.set(field, below);
      at = below;
    }
    if (rest.startsWith('(')) {
      const [inside, behind] = fieldsIn(rest.slice(1));
      if (!behind.startsWith(')')) throw new ApiFailure(400, 'INVALID_ARGUMENT', 'Invalid field selection');
      for (const [field, below] of inside) at.set(field, below);
      rest = behind.slice(1);
    }
    if (!rest.startsWith(',')) return [mask, rest];
    rest = rest.slice(1);
  }
}

/** The part of a body that a mask names. */
export function masked(body: unknown, mask: FieldMask): unknown {
  if (mask.size === 0 || typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body)) return body.map((item) => masked(item, mask));
  const fields = body as Record<string, unknown>;
  const picked: Record<string, unknown> = {};
  for (const [field, below] of mask) {
    if (fields[field] !== undefined) picked[field] = masked(fields[field], below);
  }
  return picked;
}
