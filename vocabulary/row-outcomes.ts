/** What became of a row of a run. */
export const rowOutcomes = ['accepted', 'invalid', 'rejected'] as const;
export type RowOutcome = (typeof rowOutcomes)[number];

/** What of an earlier run can be tried again. */
export const retriedOutcomes = ['rejected', 'invalid'] as const;
export type RetriedOutcome = (typeof retriedOutcomes)[number];
