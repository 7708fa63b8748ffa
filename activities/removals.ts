import type { SyncForMapping } from '../mapping/choose-traits.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import { compileRemoval } from '../mapping/removal.ts';
import type { Plan } from '../snapshot/plan.ts';

/**
 * What the behavior of a sync makes of its plan.
 *
 * @param removes false where the plan has some of the rows only, or nothing of it is sent: then nobody is removed
 */
export const planRules = (
  sync: SyncForMapping,
  mapping: CompiledMapping,
  removes = true,
): { append: boolean; removal: string | null } => ({
  append: sync.behavior === 'append',
  removal: removes ? (compileRemoval(sync, mapping)?.digest ?? null) : null,
});

/** Why removed rows are left as they are at Segment; none when they are not. */
export function heldBackWarnings({ invalid, removals }: Pick<Plan, 'invalid' | 'removals'>): string[] {
  if (removals.heldBack === 0) return [];
  const { empty_key = 0, null_key = 0 } = invalid.counts;
  const rows = null_key + empty_key;
  return [
    `nothing was sent for ${removals.heldBack} removed: ${rows} ${rows === 1 ? 'row has' : 'rows have'} no key, ` +
      'and each may be one of them; give every row a key',
  ];
}
