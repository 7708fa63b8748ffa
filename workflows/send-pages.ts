import { CancellationScope, CancelledFailure, condition, sleep, workflowInfo } from '@temporalio/workflow';
import { failureOf, wasStopped } from './error-view.ts';
import type { Running } from './running.ts';
import { counted, pageSummary, showDetails } from './show.ts';
import { map, recordPage, sendBatch } from './steps.ts';

/** A lane never sleeps less: timers of a server have this floor. */
const SHORTEST_HOLD_MS = 1000;

/**
 * Carries pages to Segment in parallel lanes. Ends when every page is done, at the first failure or cancel, or when
 * the history has grown so long that the run has to continue as new; no activity is in flight then.
 */
export async function sendPages(running: Running): Promise<void> {
  const lanes = Math.min(running.settings.lanes, pagesLeft(running));
  const ends = await Promise.allSettled(Array.from({ length: lanes }, () => lane(running)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

export const pagesLeft = ({ plan, cursor, unfinished }: Running): number =>
  plan === null ? 0 : plan.pages - cursor + unfinished.length;

async function lane(running: Running): Promise<void> {
  for (;;) {
    await condition(() => !running.paused || running.failure !== null);
    if (running.failure !== null || pagesLeft(running) === 0 || workflowInfo().continueAsNewSuggested) return;
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled');
    const page = running.unfinished.shift() ?? running.cursor++;
    try {
      await sendPage(running, page);
    } catch (error) {
      const failure = wasStopped(error) ? undefined : failureOf(error);
      if (failure === undefined) throw error;
      running.failure ??= failure;
    }
  }
}

/**
 * map → sendBatch → recordResult. What was posted is recorded also when sending stopped in between. A page that is held
 * while the history has grown long is left for the next execution, which goes on by what the ledger has on record.
 */
async function sendPage(running: Running, page: number): Promise<void> {
  const { run } = running;
  const step = { run: run.id, page };
  const mapped = await map.executeWithOptions({ summary: pageSummary(page) }, [step]);
  const summary = pageSummary(page, mapped);
  run.rows.invalid += mapped.invalid;
  if (run.mode === 'adopt') {
    // The end of the run records it: nothing of it is sent.
    running.pagesDone += 1;
    return showDetails(running);
  }
  let done = mapped.messages === 0;
  let isLeft = false;
  try {
    while (!done) {
      const sent = await sendBatch.executeWithOptions({ summary }, [step]);
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled');
      if (sent.heldMs !== null) await hold(running, page, sent.heldMs);
      done = sent.done;
      if (!done && workflowInfo().continueAsNewSuggested) {
        isLeft = true;
        running.unfinished.push(page);
        run.rows.invalid -= mapped.invalid;
        return;
      }
    }
  } finally {
    if (!isLeft) await recordPageResult(running, step, summary);
  }
}

async function recordPageResult(
  running: Running,
  step: { run: string; page: number },
  summary: string,
): Promise<void> {
  const result = await CancellationScope.nonCancellable(() =>
    recordPage.executeWithOptions({ summary }, [step]),
  );
  const { run } = running;
  run.messages.accepted += result.accepted;
  run.messages.rejected += result.rejected;
  run.requests += result.requests;
  running.pagesDone += 1;
  showDetails(running);
}

async function hold(running: Running, page: number, heldMs: number): Promise<void> {
  const ms = Math.max(SHORTEST_HOLD_MS, heldMs);
  running.heldLanes += 1;
  showDetails(running);
  try {
    await sleep(ms, { summary: `page ${counted(page)} · Segment asked to wait` });
  } finally {
    running.heldLanes -= 1;
    running.waitedUntil = Date.now();
  }
}
