import { exceeds, type Threshold } from '../definitions/limit.ts';
import type { Removals } from '../snapshot/plan.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** More of the keys that Segment has are removed at once by a person's word only: a broken model looks the same. */
export const REMOVALS_WITHOUT_APPROVAL: Threshold = '10%';

/** @throws BackhaulError removal_needs_approval */
export function requireFewRemovals(sync: string, { known, planned }: Removals): void {
  if (!exceeds(REMOVALS_WITHOUT_APPROVAL, planned, known)) return;
  throw new BackhaulError(
    'removal_needs_approval',
    `sync ${sync}: ${planned} of ${known}, limit ${REMOVALS_WITHOUT_APPROVAL}`,
  );
}

/** Why removed rows are left as they are at Segment; none when they are not. */
export function heldBackWarnings({
  invalid,
  removals,
}: {
  removals: Removals;
  invalid: { counts: { null_key?: number; empty_key?: number } };
}): string[] {
  if (removals.heldBack === 0) return [];
  const { empty_key = 0, null_key = 0 } = invalid.counts;
  const rows = null_key + empty_key;
  return [
    `nothing was sent for ${removals.heldBack} removed: ${rows} of the model's rows ${rows === 1 ? 'has' : 'have'} no key, ` +
      'and each may be one of them; give every row a key',
  ];
}
