import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column, ColumnKind } from '../vocabulary/columns.ts';
import { byName, chooseTraits, missingColumn, type SyncForMapping, type Trait } from './choose-traits.ts';
import { mappingDigest } from './digest.ts';
import { keyKinds } from './key.ts';

export interface CompiledMapping {
  keyColumn: Column;
  /** What to read, in this order: the key, then the other columns that are mapped by name, each once. */
  columns: Column[];
  /** SHA-256 in hex; see `mappingDigest`. */
  digest: string;
  /** For people and for saying what changed; sorted by name. */
  traits: { name: string; from: string | null; kind: ColumnKind | 'constant' }[];
  /** For `messageWriter`. */
  keyTo: 'userId' | 'anonymousId';
  sources: Trait[];
}

/**
 * A sync's mapping over the columns that its model returns.
 *
 * @throws BackhaulError duplicate_column, key_column_missing, key_type_unsupported, and those of `chooseTraits`
 */
export function compileMapping(sync: SyncForMapping, columns: readonly Column[]): CompiledMapping {
  refuseDuplicates(columns);
  const keyColumn = columns.find((column) => column.name === sync.key.from);
  if (keyColumn === undefined) {
    throw new BackhaulError('key_column_missing', missingColumn(sync.key.from, columns));
  }
  if (!keyKinds.includes(keyColumn.kind)) {
    throw new BackhaulError('key_type_unsupported', `column "${keyColumn.name}" is ${keyColumn.sourceType}`);
  }
  const sources = chooseTraits(sync, columns);
  const read = new Map(sources.flatMap(({ column }) => (column === null ? [] : [[column.name, column]])));
  read.delete(keyColumn.name);
  return {
    keyColumn,
    columns: [keyColumn, ...[...read.values()].sort(byName)],
    digest: mappingDigest(sync.key.to, sources),
    traits: sources.map(({ name, column }) => ({
      name,
      from: column?.name ?? null,
      kind: column?.kind ?? 'constant',
    })),
    keyTo: sync.key.to,
    sources,
  };
}

function refuseDuplicates(columns: readonly Column[]): void {
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name)) throw new BackhaulError('duplicate_column', `column "${name}"`);
    names.add(name);
  }
}
