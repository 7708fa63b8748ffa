import { CancellationScope, CancelledFailure, sleep } from '@temporalio/workflow';
import { forRole } from './for-role.ts';
import { inLanes } from './lanes.ts';
import { isToMoveOn } from './moving-on.ts';
import type { Running } from './running.ts';
import { counted, pageSummary, showDetails } from './show.ts';
import { map, recordPage, sendBatch } from './steps.ts';

/** A lane never sleeps less: timers of a server have this floor. */
const SHORTEST_HOLD_MS = 1000;

/** Carries pages to Segment in parallel lanes. */
export const sendPages = (running: Running): Promise<void> =>
  inLanes(
    running,
    { left: () => pagesLeft(running), take: () => running.unfinished.shift() ?? running.cursor++ },
    (page) => sendPage(running, page),
  );

export const pagesLeft = ({ plan, cursor, unfinished }: Running): number =>
  plan === null ? 0 : plan.pages - cursor + unfinished.length;

/**
 * map → sendBatch → recordResult. What was posted is recorded also when sending stopped in between. A page that is held
 * while the history has grown long is left for the next execution, which goes on by what the ledger has on record.
 */
async function sendPage(running: Running, page: number): Promise<void> {
  const { run } = running;
  const step = { run: run.id, page };
  const toSend = forRole(running.settings, 'send');
  // Of one that was mapped ahead what is at rest stands.
  const mapped = await map.executeWithOptions({ summary: pageSummary(page), ...toSend }, [step]);
  const summary = pageSummary(page, mapped);
  const invalid = running.mappedAhead === true ? 0 : mapped.invalid;
  run.rows.invalid += invalid;
  if (run.mode === 'adopt') {
    // The end of the run records it: nothing of it is sent.
    running.pagesDone += 1;
    return showDetails(running);
  }
  let done = mapped.messages === 0;
  let isLeft = false;
  try {
    while (!done) {
      const sent = await sendBatch.executeWithOptions({ summary, ...toSend }, [step]);
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled');
      if (sent.heldMs !== null) await hold(running, page, sent.heldMs);
      done = sent.done;
      if (!done && isToMoveOn()) {
        isLeft = true;
        running.unfinished.push(page);
        run.rows.invalid -= invalid;
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
