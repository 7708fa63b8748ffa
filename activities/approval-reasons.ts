import { exceeds, type Threshold } from '../definitions/limit.ts';
import type { RowCounts } from '../vocabulary/run.ts';

/** What a plan says of itself, and what its sync says of plans. */
export interface PlanToApprove {
  /** Whether somebody asked to see the plan before it is sent. */
  review: boolean;
  /** Why its mode asks for a person, such as a mapping that changed; null: it does not. */
  mode: string | null;
  rows: RowCounts;
  /** Messages that the plan sends. */
  planned: number;
  /** Users in the state that had not left the model: what shares of `added`, `changed` and `removed` are shares of. */
  users: number;
  above: ApprovalThresholds;
}

/** Of `approvalAbove`: above it a person has to approve. */
export type ApprovalThresholds = Readonly<Partial<Record<WatchedCount, Threshold | undefined>>>;
export const watchedCounts = ['added', 'changed', 'removed', 'invalid'] as const;
export type WatchedCount = (typeof watchedCounts)[number];

/**
 * Why a person has to approve a plan before anything of it is sent, a phrase each; none: it is sent at once. Pure, and made of
 * counts alone: the phrases travel through Temporal.
 */
export function approvalReasons(plan: PlanToApprove): string[] {
  return [...reviewReasons(plan), ...modeReasons(plan), ...sizeReasons(plan)];
}

/** A plan that neither sends anything nor marks anybody as gone leaves nothing to approve. */
const reviewReasons = ({ planned, review, rows }: PlanToApprove): string[] =>
  review && (planned > 0 || rows.removed > 0) ? ['a review was asked for'] : [];

const modeReasons = ({ mode, planned }: PlanToApprove): string[] =>
  mode !== null && planned > 0 ? [mode] : [];

function sizeReasons({ above, rows, users }: PlanToApprove): string[] {
  return watchedCounts.flatMap((count) => {
    const threshold = above[count];
    const [total, ofWhat] = count === 'invalid' ? [rows.read, 'rows'] : [users, 'users in the state'];
    if (threshold === undefined || !exceeds(threshold, rows[count], total)) return [];
    return [`${count}: ${rows[count]} of ${total} ${ofWhat}, above ${threshold}`];
  });
}
