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

/** Version of what a fingerprint is taken over, and of the columns of a state file. */
export const STATE_ENCODING = 1;
/** States kept besides the current one, outside retention. */
export const STATES_KEPT = 3;
