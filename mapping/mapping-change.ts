import type { MappingEntry } from '../definitions/mapping-entry.ts';
import { readTemplate } from '../definitions/template.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { SyncForMapping } from './choose-traits.ts';
import { compileMapping, type CompiledMapping } from './compile.ts';

/** A mapping that something was delivered by. */
export interface EarlierMapping {
  digest: string;
  /** Those that it reads, in order: the key first. */
  columns: readonly Column[];
  /** The names of all columns that the model had. */
  known: readonly string[];
}

export interface MappingChange {
  /** The definition sends another thing, or a column that it reads is gone or of another kind. */
  mapping: boolean;
  /** Columns that the model has got since, and `properties: all` sends. */
  newColumns: string[];
}

/**
 * What lies between an earlier mapping and that of a sync over the columns that its model returns now. A column that the
 * definition names is its change, also where the model has got it since.
 */
export function mappingChange(
  sync: SyncForMapping,
  described: readonly Column[],
  now: Pick<CompiledMapping, 'columns'>,
  earlier: EarlierMapping,
): MappingChange {
  const known = new Set(earlier.known);
  const named = new Set(columnsNamed(sync));
  const before = described.filter(({ name }) => known.has(name));
  return {
    mapping: digestOver(sync, before) !== earlier.digest,
    newColumns: now.columns.map(({ name }) => name).filter((name) => !known.has(name) && !named.has(name)),
  };
}

/**
 * Why the values of today cannot be compared with what was delivered by an earlier mapping: a column that it read is gone, or
 * its values are written in another way. Null: they can.
 */
export function hindrance(earlier: EarlierMapping, described: readonly Column[]): string | null {
  for (const { kind, name } of earlier.columns) {
    const now = described.find((column) => column.name === name);
    if (now === undefined) return `column "${name}" is gone`;
    if (now.kind !== kind) return `column "${name}" was ${kind}, is ${now.kind}`;
  }
  return null;
}

/** Null: over these columns the sync has no mapping. */
function digestOver(sync: SyncForMapping, columns: readonly Column[]): string | null {
  try {
    return compileMapping(sync, columns).digest;
  } catch (error) {
    if (error instanceof BackhaulError) return null;
    throw error;
  }
}

const columnsNamed = ({ context = [], key, mapping, timestamp }: SyncForMapping): string[] => [
  key.from,
  ...(timestamp === undefined ? [] : [timestamp.from]),
  ...[...mapping, ...context].flatMap(columnsOfEntry),
];

function columnsOfEntry(entry: MappingEntry): readonly string[] {
  if ('from' in entry) return [entry.from];
  if ('hash' in entry) return [entry.hash.from];
  if (!('template' in entry)) return [];
  const read = readTemplate(entry.template);
  return 'columns' in read ? read.columns : [];
}
