import { CancellationScope, condition } from '@temporalio/workflow';
import type { RunEnd } from '../activities/record-result.ts';
import { daysWaited, nextWake } from './approval-clock.ts';
import { errorView } from './error-view.ts';
import { isToMoveOn } from './moving-on.ts';
import type { Review, Running } from './running.ts';
import { counted, showDetails } from './show.ts';
import { remindOfApproval } from './steps.ts';

const SHORTEST_WAIT_MS = 1000;

/**
 * Waits for a person, for as long as it takes. A run that waits is within no limits but `approvalExpires`.
 *
 * @returns how the run ends when it is not sent; completed when it was approved, or goes on waiting in the next execution
 */
export async function awaitApproval(running: Running, review: Review): Promise<RunEnd> {
  const { run, settings } = running;
  const since = review.since ?? Date.now();
  const expiresAt = settings.approvalExpiresMs === undefined ? Infinity : since + settings.approvalExpiresMs;
  const began = Date.now();
  try {
    while (!isOver(review)) {
      const { at, what } = nextWake(since, Date.now(), expiresAt);
      const summary = what === 'expiry' ? 'until the approval expires' : 'until a reminder of the approval';
      const ms = Math.max(SHORTEST_WAIT_MS, at - Date.now());
      if (await condition(() => isOver(review), ms, { summary })) break;
      // What was said just in time counts.
      if (review.deciding !== null) await condition(() => review.deciding === null);
      if (review.decision !== null) break;
      if (Date.now() >= expiresAt)
        return { status: 'failed', error: errorView('approval_expired', `run ${run.id}`) };
      await remind(running, daysWaited(since, Date.now()));
    }
  } finally {
    running.waitedMs = (running.waitedMs ?? 0) + Date.now() - began;
    running.waitedUntil = Date.now();
  }
  return review.decision === 'declined'
    ? { status: 'cancelled', error: errorView('run_declined', `run ${run.id}`) }
    : { status: 'completed', error: null };
}

const isOver = ({ deciding, decision }: Review): boolean =>
  decision !== null || (deciding === null && isToMoveOn());

async function remind(running: Running, days: number): Promise<void> {
  const { run } = running;
  const summary = `waits for an approval since ${counted(days)} ${days === 1 ? 'day' : 'days'}`;
  await CancellationScope.nonCancellable(() =>
    remindOfApproval.executeWithOptions({ summary }, [{ run: run.id, days }]),
  );
  showDetails(running);
}
