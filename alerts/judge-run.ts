import type { AlertConditions } from '../definitions/alert.ts';
import { exceeds } from '../definitions/limit.ts';
import type { AlertCondition } from '../vocabulary/alert.ts';
import { rowsTaken, type Run } from '../vocabulary/run.ts';
import { durationText } from './duration-text.ts';
import { runtimeOf } from './runtime.ts';

/** How many runs before this one make what is usual: more are slower to take a lasting change for usual. */
export const USUAL_RUNS = 10;
/** Fewer say nothing of what is usual. */
export const LEAST_USUAL_RUNS = 3;

/** A run that has ended, and what it is held against. */
export interface EndedRun {
  run: Run;
  /** Rows that the completed runs before it read, but those that adopted, at most `USUAL_RUNS`. */
  usual: readonly number[];
  /** How long it waited for an approval. */
  waitedMs: number;
}

/** What is to be said of a condition. What cannot be told is not said, and leaves all as it was. */
export interface Judgement {
  condition: AlertCondition;
  is: 'so' | 'over' | 'happened';
  message: string;
}

/** What a run that has ended says to the conditions of an alert. */
export function judgeRun(when: AlertConditions, ended: EndedRun): Judgement[] {
  const { run } = ended;
  const told: (Judgement | null)[] = [
    when.failed === true ? failed(run) : null,
    when.invalid === undefined ? null : invalid(run, when.invalid),
    when.rejected === undefined ? null : rejected(run, when.rejected),
    when.runtime === undefined ? null : runtime(ended, when.runtime),
    when.rows === undefined ? null : rows(ended, when.rows),
    when.fullSync === true ? fullSync(run) : null,
    when.finished === true ? happened('finished', `run ${nameOf(run)} ended: ${run.status}`) : null,
  ];
  return told.flatMap((judgement) => judgement ?? []);
}

const happened = (condition: AlertCondition, message: string): Judgement => ({
  condition,
  is: 'happened',
  message,
});
const state = (condition: AlertCondition, isSo: boolean, message: string): Judgement => ({
  condition,
  is: isSo ? 'so' : 'over',
  message,
});

export const nameOf = ({ id, number }: Pick<Run, 'id' | 'number'>): string =>
  number === null ? id : String(number);

/** A cancelled run neither failed nor shows that the sync is well. */
function failed(run: Run): Judgement | null {
  if (run.status === 'completed') return state('failed', false, `run ${nameOf(run)} completed`);
  if (run.status !== 'failed') return null;
  return state(
    'failed',
    true,
    `run ${nameOf(run)} failed: ${run.error?.message ?? 'no reason is on record'}`,
  );
}

function invalid(run: Run, above: number | string): Judgement | null {
  const taken = rowsTaken(run.rows);
  if (run.rows.read === 0 || taken === 0) return null;
  const counts = `${run.rows.invalid} of ${taken} rows of run ${nameOf(run)} were invalid`;
  return state('invalid', exceeds(above, run.rows.invalid, taken), `${counts}, told above ${above}`);
}

function rejected(run: Run, above: number | string): Judgement | null {
  const { accepted, planned, rejected: refused } = run.messages;
  if (run.status !== 'completed' && accepted + refused === 0) return null;
  const counts = `${refused} of ${planned} messages of run ${nameOf(run)} were rejected`;
  return state('rejected', exceeds(above, refused, planned), `${counts}, told above ${above}`);
}

/** One that failed early says nothing of how long the sync takes. */
function runtime({ run, waitedMs }: EndedRun, limit: string): Judgement | null {
  const { isOver, tookMs } = runtimeOf(run, waitedMs, limit);
  if (run.status !== 'completed' && !isOver) return null;
  return state('runtime', isOver, `run ${nameOf(run)} took ${durationText(tookMs)}, told above ${limit}`);
}

/** What a run adopts may be narrowed by a condition, and then says nothing of how many rows there are. */
function rows({ run, usual }: EndedRun, off: string): Judgement | null {
  if (run.status !== 'completed' || run.mode === 'adopt' || usual.length < LEAST_USUAL_RUNS) return null;
  const median = medianOf(usual);
  const isOff = Math.abs(run.rows.read - median) * 100 > Number.parseInt(off, 10) * median;
  const counts = `run ${nameOf(run)} read ${run.rows.read} rows, and the median of the ${usual.length} before is ${median}`;
  return state('rows', isOff, `${counts}, told above ${off} off it`);
}

/** One that was declined, or failed before it sent anything, did not happen to Segment. */
function fullSync(run: Run): Judgement | null {
  const { accepted, rejected: refused } = run.messages;
  const isComplete = run.status === 'completed';
  if (run.mode !== 'full' || (!isComplete && accepted + refused === 0)) return null;
  const did = isComplete ? 'sent' : 'began to send';
  return happened(
    'fullSync',
    `run ${nameOf(run)} ${did} all rows: ${run.modeReason ?? 'no reason is on record'}`,
  );
}

function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
