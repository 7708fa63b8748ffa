import type { ErrorView } from './backhaul-error.ts';

export const runStatuses = [
  'queued',
  'working',
  'awaiting_approval',
  'paused',
  'completed',
  'failed',
  'cancelled',
  'skipped',
] as const;
export type RunStatus = (typeof runStatuses)[number];

export const isFinal = (status: RunStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'skipped';

/** What a person says to the plan of a run that waits for it. */
export type Decision = 'approved' | 'declined';

/**
 * `full`: every row is sent. `incremental`: only what changed against the state. `adopt`: nothing is sent; rows that the state
 * does not know are recorded as delivered. `restricted`: rows that were picked by their keys, and no others.
 */
export type RunMode = 'full' | 'incremental' | 'adopt' | 'restricted';

export interface RowCounts {
  read: number;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  invalid: number;
}

export interface MessageCounts {
  /** Rows that the plan sends: added, changed, in doubt, and in a full run the unchanged ones. */
  planned: number;
  accepted: number;
  rejected: number;
}

/** What Segment's delivery overview says of a source while a run sent to it. */
export interface Delivery {
  received: number;
  /** Events that it dropped on ingest, by reason. */
  failed: Record<string, number>;
  askedAt: string;
}

/** A run as everyone sees it: CLI, library, HTTP, workflow result. */
export interface Run {
  id: string;
  number: number | null;
  sync: string;
  status: RunStatus;
  withErrors: boolean;
  mode: RunMode | null;
  modeReason: string | null;
  rows: RowCounts;
  messages: MessageCounts;
  /** POSTs that left for Segment. */
  requests: number;
  startedAt: string;
  finishedAt: string | null;
  error: ErrorView | null;
  /** What a step of a run under way fails with, and is tried again; null: nothing. */
  retrying: ErrorView | null;
  /** What is merely worth knowing, such as a write key that Segment does not know. */
  warnings: string[];
  temporal: { workflowId: string; runId: string; url: string | null };
}

/** Rows that a run was about: all that it read, or of a restricted one those that it was restricted to. */
export const rowsTaken = ({ added, changed, invalid, unchanged }: RowCounts): number =>
  added + changed + unchanged + invalid;

export const noRows = (): RowCounts => ({
  read: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  removed: 0,
  invalid: 0,
});
export const noMessages = (): MessageCounts => ({ planned: 0, accepted: 0, rejected: 0 });
