import type { Column } from '../vocabulary/columns.ts';

/** What a state generation belongs to: entries mean nothing for another source, object or key. */
export interface StateIdentity {
  writeKeyDigest: string;
  object: string;
  keyColumn: string;
  keyTo: string;
  keyKind: string;
}

/** One trait of the mapping that the state was last sent with, to say what changed. */
export interface TraitSummary {
  name: string;
  from: string | null;
  kind: string;
}

/** A mapping by which fingerprints of a state were taken, as far as it takes to take them again. */
export interface StateMapping {
  digest: string;
  /** Those that it reads, in order: the key first. */
  columns: Column[];
  /** The names of all columns that the model had: others are new. */
  known: string[];
}

/** Of a state, at most. The rows of those that are left out are sent again when the mapping changes. */
export const MAPPINGS_KEPT = 5;

/**
 * The mappings of a state that a run has moved, oldest first. Once everything was delivered by one mapping the others are of
 * no use; until then each may have left fingerprints.
 */
export function nextMappings(
  before: readonly StateMapping[],
  deliveredBefore: string | null,
  own: StateMapping,
  isDelivered: boolean,
): StateMapping[] {
  if (isDelivered) return [own];
  const others = before.filter(({ digest }) => digest !== own.digest);
  const delivered = others.filter(({ digest }) => digest === deliveredBefore);
  const rest = others.filter(({ digest }) => digest !== deliveredBefore);
  return [...delivered, ...rest.slice(1 + delivered.length - MAPPINGS_KEPT), own];
}

/** Version of what a fingerprint is taken over, and of the columns of a state file. */
export const STATE_ENCODING = 1;
/** States kept besides the current one, outside retention. */
export const STATES_KEPT = 3;
