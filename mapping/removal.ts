import { createHash } from 'node:crypto';
import { refuseCollisions, traitOf, type SyncForMapping } from './choose-traits.ts';
import type { CompiledMapping } from './compile.ts';
import { describeTrait } from './digest.ts';
import { byPath, columnsOf, type Trait } from './traits.ts';

/** What is sent for a row that left the model. */
export interface CompiledRemoval {
  /** For `messageWriter`, of a row of which only the key is known. */
  mapping: CompiledMapping;
  /** 64 bits in decimal: the lower half of the fingerprint of every removal. */
  digest: string;
}

/** Raised when a removal is written in another way than before. */
const ENCODING_VERSION = 1;

/**
 * The removals of a sync; null when nothing is sent for a removed row. There is no row any more: what comes from its
 * columns, in the context too, is left out.
 *
 * @throws BackhaulError trait_collision, trait_name_invalid, definitions_invalid
 */
export function compileRemoval(sync: SyncForMapping, compiled: CompiledMapping): CompiledRemoval | null {
  const { behavior, removed = 'nothing' } = sync;
  if (behavior !== 'mirror' || removed === 'nothing') return null;
  const sources =
    removed === 'null_traits'
      ? compiled.sources.map(nulled)
      : removed.set.map((entry) => traitOf(entry, sync.nulls, [])).sort(byPath);
  refuseCollisions(sources);
  const [keyColumn] = compiled.keyColumns;
  const { context, integrations } = compiled.envelope;
  const mapping: CompiledMapping = {
    ...compiled,
    keyColumns: [keyColumn],
    identifiers: [],
    columns: [keyColumn],
    sources,
    envelope: {
      integrations,
      timestamp: null,
      context: context.filter((trait) => columnsOf(trait).length === 0),
    },
  };
  const description = ['backhaul removal', ENCODING_VERSION, compiled.digest, sources.map(describeTrait)];
  const hash = createHash('sha256').update(JSON.stringify(description)).digest();
  return { mapping, digest: hash.readBigUInt64BE().toString() };
}

const nulled = (trait: Trait): Trait => ({
  ...trait,
  source: { kind: 'constant', constant: null },
  nulls: 'send',
});
