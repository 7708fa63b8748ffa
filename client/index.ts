/** The package's entry: everything that a program needs to run syncs. */
export { Backhaul } from './backhaul.ts';
export type { ApplyPlan } from './apply.ts';
export type { ConnectionCheck, Preview } from './on-worker.ts';
export type { OutcomeRow, RowOutcome } from './rows.ts';
export type { HistoryEnd, HistoryEntry, HistoryOptions } from './key-history.ts';
export type { Retry, RetryOptions } from './retry-run.ts';
export type { RunHandle } from './run-handle.ts';
export type { Approval, DescribedRun } from './runs.ts';
export type { SendHandle, SentRow } from './send-row.ts';
export type { ScheduleChange } from './schedules/plan-schedules.ts';
export type { ScheduledSync } from './schedules/list-schedules.ts';
export type { RunOptions } from './start-run.ts';
export { BackhaulError, type ErrorView } from '../vocabulary/backhaul-error.ts';
export { errorTable, type ErrorCode } from '../vocabulary/errors.ts';
export type { Run, RunMode, RunStatus, RowCounts, MessageCounts } from '../vocabulary/run.ts';
export type { Recap, TraitRecap } from '../vocabulary/recap.ts';
export type { Definitions } from '../definitions/schema.ts';
export type { ConnectionWithSecrets } from './store-connection.ts';
