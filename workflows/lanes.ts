import { CancellationScope, CancelledFailure, condition } from '@temporalio/workflow';
import { failureOf, wasStopped } from './error-view.ts';
import { isToMoveOn } from './moving-on.ts';
import type { Running } from './running.ts';

export interface PagesToDo {
  left(): number;
  /** The next page, which is then no longer left. */
  take(): number;
}

/**
 * Does something with pages in parallel lanes. Ends when every page is done, at the first failure or cancel, or when
 * the history has grown so long that the run has to continue as new; no activity is in flight then.
 */
export async function inLanes(
  running: Running,
  pages: PagesToDo,
  work: (page: number) => Promise<void>,
): Promise<void> {
  const lanes = Math.min(running.settings.lanes, pages.left());
  const ends = await Promise.allSettled(Array.from({ length: lanes }, () => lane(running, pages, work)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function lane(
  running: Running,
  pages: PagesToDo,
  work: (page: number) => Promise<void>,
): Promise<void> {
  for (;;) {
    await condition(() => !running.paused || running.failure !== null);
    if (running.failure !== null || pages.left() === 0 || isToMoveOn()) return;
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled');
    try {
      await work(pages.take());
    } catch (error) {
      const failure = wasStopped(error) ? undefined : failureOf(error);
      if (failure === undefined) throw error;
      running.failure ??= failure;
    }
  }
}
