import type { OpenRunResult } from '../activities/open-run.ts';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import type { Decision, Run, RunStatus } from '../vocabulary/run.ts';

type Opened = Extract<OpenRunResult, { kind: 'opened' }>;

/** All that a run knows of itself. Plain data of bounded size: it travels over continue-as-new. */
export interface Running {
  /** The run as everyone sees it. */
  run: Run;
  settings: Pick<
    Opened,
    | 'lanes'
    | 'runtimeMs'
    | 'noProgressMs'
    | 'searchAttributes'
    | 'installation'
    | 'reconciles'
    | 'approvalExpiresMs'
    | 'followed'
    | 'roles'
    | 'writeback'
    | 'alerts'
  >;
  /** Earlier runs that have to be settled before anything is planned. */
  earlier: Pick<Opened, 'settle' | 'waitMs'>;
  plan: { pages: number } | null;
  /** Next page to take. */
  cursor: number;
  /** Pages that were begun and left for the next execution, at most one a lane. */
  unfinished: number[];
  pagesDone: number;
  paused: boolean;
  /** Lanes that wait until Segment takes events again. */
  heldLanes: number;
  /** When the run last stopped waiting for a person or for Segment; a wait is no lack of progress. */
  waitedUntil: number;
  /** The first failure: from then on lanes take no pages. */
  failure: ErrorView | null;
  /** The plan has to be approved before anything of it is sent. Absent in what older versions began. */
  review?: Review | null;
  /** All pages were mapped before the first was sent, and their invalid rows are counted. */
  mappedAhead?: boolean;
  /** How long it has waited for an approval: that is no part of its runtime. */
  waitedMs?: number;
}

export interface Review {
  /** Why; may be empty as long as not all pages are mapped. */
  reasons: string[];
  /** Next page to map. */
  cursor: number;
  /** Since when it waits for an answer; null: not yet. */
  since: number | null;
  decision: Decision | null;
  /** An answer that is being recorded. */
  deciding: Decision | null;
}

/** Nothing may be sent yet. */
export const isHeldBack = ({ review }: Running): boolean =>
  review !== undefined && review !== null && review.decision !== 'approved';

export const isWaiting = ({ review }: Running): boolean =>
  review !== undefined && review !== null && review.since !== null && review.decision === null;

export const statusOf = (running: Running): RunStatus =>
  running.paused ? 'paused' : isWaiting(running) ? 'awaiting_approval' : 'working';

export interface SyncRunInput {
  sync: string;
  full?: boolean;
  review?: boolean;
  /** Records rows as delivered and sends none; `condition` is the id of that which narrows them, null for all. */
  adopt?: { condition: string | null } | null;
  idempotencyKey?: string | null;
  /** What the run is restricted to: the id of a selection in the ledger, which has the keys. */
  selection?: string | null;
  /** Set by continue-as-new only. */
  resume?: Running;
}
