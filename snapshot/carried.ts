/**
 * Rows that are the same by an earlier mapping: nothing of them is sent, and once the run has delivered all that was due the
 * state takes their fingerprints by the new one. Until then their entries stay, so that a later run can tell again.
 *
 * @module
 */
import type { Snapshot } from './take-snapshot.ts';

/** The columns of the snapshot's fingerprints by earlier mappings. */
export const earlierColumns = ({ earlier = 0 }: Snapshot): string[] =>
  Array.from({ length: earlier }, (_, number) => [`e${number}h`, `e${number}l`]).flat();

/** Whether entry `s` has the fingerprint of row `p` by an earlier mapping. */
export const sameByEarlier = ({ earlier = 0 }: Snapshot): string =>
  earlier === 0
    ? 'false'
    : `(${Array.from({ length: earlier }, (_, number) => `s.fh = p.e${number}h and s.fl = p.e${number}l`).join(' or ')})`;
