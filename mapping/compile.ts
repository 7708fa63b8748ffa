import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import { chooseTraits, missingColumn, type SyncForMapping } from './choose-traits.ts';
import { mappingDigest } from './digest.ts';
import { chooseEnvelope, envelopeColumns, type Envelope } from './envelope.ts';
import { keyKinds } from './key.ts';
import { byName, columnsOf, type Trait } from './traits.ts';

export interface CompiledMapping {
  keyColumn: Column;
  /** What to read, in this order: the key, then the other columns that are mapped by name, each once. */
  columns: Column[];
  /** SHA-256 in hex; see `mappingDigest`. */
  digest: string;
  /** For people and for saying what changed; sorted by path. `kind` is the column's, with what is made of it. */
  traits: { name: string; from: string | null; kind: string }[];
  /** For `messageWriter`. */
  keyTo: 'userId' | 'anonymousId';
  sources: Trait[];
  envelope: Envelope;
}

/**
 * A sync's mapping over the columns that its model returns.
 *
 * @throws BackhaulError duplicate_column, key_column_missing, key_type_unsupported, and those of `chooseTraits`
 * and `chooseEnvelope`
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
  const envelope = chooseEnvelope(sync, columns);
  const beside = envelopeColumns(envelope);
  const sources = chooseTraits(sync, columns, beside);
  const read = new Map([...beside, ...sources.flatMap(columnsOf)].map((column) => [column.name, column]));
  read.delete(keyColumn.name);
  return {
    keyColumn,
    columns: [keyColumn, ...[...read.values()].sort(byName)],
    digest: mappingDigest(sync.key.to, sources, envelope),
    traits: sources.map(summaryOf),
    keyTo: sync.key.to,
    sources,
    envelope,
  };
}

function summaryOf({ name, source }: Trait): CompiledMapping['traits'][number] {
  switch (source.kind) {
    case 'column': {
      const { column, type } = source;
      return { name, from: column.name, kind: type === null ? column.kind : `${column.kind} as ${type}` };
    }
    case 'hash':
      return { name, from: source.column.name, kind: 'hash' };
    case 'template':
    case 'constant':
    case 'run':
      return { name, from: null, kind: source.kind };
  }
}

function refuseDuplicates(columns: readonly Column[]): void {
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name)) throw new BackhaulError('duplicate_column', `column "${name}"`);
    names.add(name);
  }
}
