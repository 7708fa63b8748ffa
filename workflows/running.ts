import type { OpenRunResult } from '../activities/open-run.ts';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import type { Run } from '../vocabulary/run.ts';

type Opened = Extract<OpenRunResult, { kind: 'opened' }>;

/** All that a run knows of itself. Plain data of bounded size: it travels over continue-as-new. */
export interface Running {
  /** The run as everyone sees it. */
  run: Run;
  settings: Pick<
    Opened,
    'lanes' | 'runtimeMs' | 'noProgressMs' | 'searchAttributes' | 'installation' | 'reconciles' | 'followed'
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
}

export interface SyncRunInput {
  sync: string;
  full?: boolean;
  review?: boolean;
  /** Records rows as delivered and sends none; `condition` is the id of that which narrows them, null for all. */
  adopt?: { condition: string | null } | null;
  idempotencyKey?: string | null;
  /** Set by continue-as-new only. */
  resume?: Running;
}
