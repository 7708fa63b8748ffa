import { createHash } from 'node:crypto';
import { definitionKinds, sectionOf, type DefinitionKind, type Definitions } from './schema.ts';

/** What becomes of one definition. Names fields, never their values: one of them may be a secret. */
export interface Change {
  kind: DefinitionKind;
  name: string;
  change: 'added' | 'changed' | 'removed' | 'unchanged';
  /** The fields that differ, as dotted paths; of an added or removed definition all of its own. */
  fields: string[];
}

/** From `before` to `after`, by kind and then by name. */
export function diffDefinitions(before: Definitions, after: Definitions): Change[] {
  return definitionKinds.flatMap((kind) => {
    const [old, now] = [named(before[sectionOf[kind]]), named(after[sectionOf[kind]])];
    const names = [...new Set([...old.keys(), ...now.keys()])].sort();
    return names.map((name) => changeOf(kind, name, old.get(name), now.get(name)));
  });
}

/** A name may be one that every object has, such as `constructor`. */
const named = (section: Record<string, unknown>): Map<string, unknown> => new Map(Object.entries(section));

function changeOf(kind: DefinitionKind, name: string, before: unknown, after: unknown): Change {
  const fields = changedFields(before, after);
  if (before === undefined) return { kind, name, change: 'added', fields };
  if (after === undefined) return { kind, name, change: 'removed', fields };
  return { kind, name, change: fields.length === 0 ? 'unchanged' : 'changed', fields };
}

function changedFields(before: unknown, after: unknown): string[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  return paths.filter((path) => old.get(path) !== now.get(path)).sort();
}

/** Fields by dotted path. A list counts as one field: its order has a meaning, its positions have no name. */
function leavesOf(value: unknown, path = ''): Map<string, string> {
  if (value === undefined) return new Map();
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[path, canonicalJson(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...leavesOf(inner, path === '' ? name : `${path}.${name}`),
    ]),
  );
}

/** JSON with the fields of every object sorted, and without those that are undefined. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** SHA-256 in hex; the same for the same definition, however its fields are ordered. */
export const digestDefinition = (document: unknown): string =>
  createHash('sha256').update(canonicalJson(document)).digest('hex');
