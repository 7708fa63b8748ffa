import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import { chooseTraits, type SyncForMapping } from './choose-traits.ts';
import { mappingDigest } from './digest.ts';
import { chooseEnvelope, envelopeColumns, type Envelope } from './envelope.ts';
import { chooseIdentity, type Identity } from './identity.ts';
import { byName, columnsOf, type Trait } from './traits.ts';

export interface CompiledMapping extends Identity {
  /** What to read, in this order: the key, then the other columns that are mapped by name, each once. */
  columns: Column[];
  /** SHA-256 in hex; see `mappingDigest`. */
  digest: string;
  /** For people and for saying what changed; sorted by path. `kind` is the column's, with what is made of it. */
  traits: { name: string; from: string | null; kind: string }[];
  /** For `messageWriter`. */
  sources: Trait[];
  envelope: Envelope;
}

/**
 * A sync's mapping over the columns that its model returns.
 *
 * @throws BackhaulError duplicate_column, and those of `chooseIdentity`, `chooseTraits` and `chooseEnvelope`
 */
export function compileMapping(sync: SyncForMapping, columns: readonly Column[]): CompiledMapping {
  refuseDuplicates(columns);
  const identity = chooseIdentity(sync, columns);
  const { event, identifiers, keyColumns } = identity;
  const envelope = chooseEnvelope(sync, columns);
  const beside = [
    ...identifiers.map(({ column }) => column),
    ...(event !== null && 'column' in event ? [event.column] : []),
    ...envelopeColumns(envelope),
  ];
  const sources = chooseTraits(sync, columns, beside);
  const read = new Map([...beside, ...sources.flatMap(columnsOf)].map((column) => [column.name, column]));
  for (const { name } of keyColumns) read.delete(name);
  return {
    ...identity,
    columns: [...keyColumns, ...[...read.values()].sort(byName)],
    digest: mappingDigest(identity, sources, envelope),
    traits: sources.map(summaryOf),
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
