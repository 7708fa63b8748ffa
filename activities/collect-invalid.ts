import type { Plan } from '../snapshot/plan.ts';
import type { InvalidReason } from '../vocabulary/invalid.ts';
import { invalidReasons } from '../vocabulary/invalid.ts';
import type { InvalidRecap } from '../vocabulary/recap.ts';
import type { RowCounts } from '../vocabulary/run.ts';
import type { InvalidRow } from './invalid-at-rest.ts';

export interface CollectedInvalid {
  /** Adds those of a page. */
  add(rows: readonly InvalidRow[]): void;
  /** The plan's counts, with the rows that only the mapping found invalid moved to where they belong. */
  rows(): RowCounts;
  summary(): InvalidRecap[];
}

/** Keys that a recap shows of a reason. */
export const MOST_INVALID_SAMPLES = 5;

/** Counts invalid rows by reason, those of the plan and those of its pages, and keeps the first keys of each. */
export function collectInvalid({
  invalid: ofPlan,
  rows: planned,
}: Pick<Plan, 'invalid' | 'rows'>): CollectedInvalid {
  const rows = { ...planned };
  const found = new Map<InvalidReason, InvalidRecap>();
  const of = (reason: InvalidReason): InvalidRecap => {
    const known = found.get(reason) ?? { reason, rows: 0, samples: [] };
    found.set(reason, known);
    return known;
  };
  const sample = (reason: InvalidReason, key: string | null, column: string | null): void => {
    const { samples } = of(reason);
    if (samples.length < MOST_INVALID_SAMPLES) samples.push({ key, column });
  };
  const reasons = Object.keys(invalidReasons) as InvalidReason[];
  for (const reason of reasons) {
    const count = ofPlan.counts[reason] ?? 0;
    if (count > 0) of(reason).rows += count;
  }
  for (const { key, reason } of ofPlan.samples) sample(reason, key, null);
  return {
    add(more) {
      for (const { change, column, key, reason } of more) {
        rows[change] -= 1;
        rows.invalid += 1;
        of(reason).rows += 1;
        sample(reason, key, column);
      }
    },
    rows: () => rows,
    summary: () => reasons.flatMap((reason) => found.get(reason) ?? []),
  };
}
