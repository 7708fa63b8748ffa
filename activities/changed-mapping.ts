import type { ChangePolicy, OnChange } from '../definitions/sync.ts';
import type { StateMapping } from '../ledger/state-record.ts';
import { hindrance, mappingChange } from '../mapping/mapping-change.ts';
import type { SyncForMapping } from '../mapping/choose-traits.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { Column } from '../vocabulary/columns.ts';

/** What a sync does with a mapping that changed. */
export type MappingDecision =
  | { policy: 'resend' }
  /** Rows that are the same by one of these mappings are not sent. */
  | { policy: 'going_forward'; earlier: StateMapping[] }
  | { policy: 'approve'; why: string };

/** From the one that sends most without a word to the one that sends least. */
const STRICTNESS: readonly ChangePolicy[] = ['resend', 'going_forward', 'approve'];
const isStricter = (one: ChangePolicy, other: ChangePolicy): boolean =>
  STRICTNESS.indexOf(one) > STRICTNESS.indexOf(other);

/**
 * What `onChange` of a sync says to the change since a mapping: pure. Of a change of the mapping and a new column at once the
 * stricter of both holds. Where it cannot be told which rows changed, `going_forward` becomes `approve`: whoever chose it
 * does not want all rows sent unasked.
 *
 * @param mappings all that may have left fingerprints in the state
 */
export function decideChange(
  sync: SyncForMapping & { onChange?: OnChange | undefined },
  described: readonly Column[],
  now: CompiledMapping,
  before: StateMapping | undefined,
  mappings: readonly StateMapping[],
): MappingDecision {
  const { mapping: onMapping = 'resend', newColumn: onNewColumn = 'resend' } = sync.onChange ?? {};
  const change = before === undefined ? null : mappingChange(sync, described, now, before);
  const isNewColumn = change !== null && change.newColumns.length > 0;
  const isMapping = change === null || change.mapping || !isNewColumn;
  const byColumn = isNewColumn && (!isMapping || isStricter(onNewColumn, onMapping));
  const [field, policy] = byColumn ? ['newColumn', onNewColumn] : ['mapping', onMapping];
  if (policy === 'resend') return { policy };
  if (policy === 'approve') return { policy, why: `onChange.${field} is approve` };
  const hindered = before === undefined ? 'its columns are not on record' : hindrance(before, described);
  if (hindered !== null) {
    return { policy: 'approve', why: `going_forward cannot tell which rows changed: ${hindered}` };
  }
  const others = mappings.filter((one) => one.digest !== now.digest && hindrance(one, described) === null);
  return { policy, earlier: others };
}
