import type { AlertConditions } from '../definitions/alert.ts';
import { durationMs } from '../definitions/duration.ts';
import type { Run } from '../vocabulary/run.ts';
import { durationText } from './duration-text.ts';
import { nameOf, type Judgement } from './judge-run.ts';
import { runtimeOf } from './runtime.ts';

/** A sync between the ends of its runs. */
export interface SyncNow {
  now: Date;
  /** Nothing is to start it: that it is silent is meant. */
  paused: boolean;
  /** Since when somebody wants to know of its silence, and it is there and not paused. */
  watchedSince: Date;
  /** When a run last completed. */
  completedAt: Date | null;
  /** The run that goes on; null: none. */
  current: { run: Run; waitedMs: number } | null;
}

/** What a sync says by itself to the conditions of an alert: what no run that ended can tell. */
export function judgeSync(when: AlertConditions, sync: SyncNow): Judgement[] {
  const told: (Judgement | null)[] = [
    when.silence === undefined ? null : silence(sync, when.silence),
    when.runtime === undefined ? null : runtime(sync, when.runtime),
    when.approval === true ? approval(sync) : null,
  ];
  return told.flatMap((judgement) => judgement ?? []);
}

function silence({ completedAt, now, paused, watchedSince }: SyncNow, limit: string): Judgement {
  const since = new Date(Math.max(watchedSince.getTime(), completedAt?.getTime() ?? 0));
  const quietMs = now.getTime() - since.getTime();
  const told = `told after ${limit}`;
  if (paused) return { condition: 'silence', is: 'over', message: 'it is paused' };
  const isSo = quietMs > durationMs(limit);
  const hasCompleted = completedAt !== null && completedAt >= watchedSince;
  const message = !hasCompleted
    ? `no run has completed in the ${durationText(quietMs)} that this is watched, ${told}`
    : isSo
      ? `no run has completed since ${since.toISOString()}, ${durationText(quietMs)} ago, ${told}`
      : `a run completed at ${since.toISOString()}, ${told}`;
  return { condition: 'silence', is: isSo ? 'so' : 'over', message };
}

/** That it is over, its end says. */
function runtime({ current, now }: SyncNow, limit: string): Judgement | null {
  if (current === null || current.run.status === 'awaiting_approval') return null;
  const { isOver, tookMs } = runtimeOf(current.run, current.waitedMs, limit, now);
  if (!isOver) return null;
  const message = `run ${nameOf(current.run)} has been going on for ${durationText(tookMs)}, told above ${limit}`;
  return { condition: 'runtime', is: 'so', message };
}

function approval({ current }: SyncNow): Judgement {
  if (current?.run.status !== 'awaiting_approval')
    return { condition: 'approval', is: 'over', message: 'no run waits for an approval' };
  const run = nameOf(current.run);
  return {
    condition: 'approval',
    is: 'so',
    message: `run ${run} waits for an approval: backhaul describe ${current.run.id}`,
  };
}
