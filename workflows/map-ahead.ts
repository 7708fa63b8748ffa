import { forRole } from './for-role.ts';
import { inLanes } from './lanes.ts';
import { statusOf, type Review, type Running } from './running.ts';
import { pageSummary, runSummary, show } from './show.ts';
import { map, recapRun, recordStatus } from './steps.ts';

/**
 * Maps every page of a plan that has to be approved, and shows what would be sent: the batches at rest are what is approved.
 * Ends early when the history has grown long, and goes on in the next execution. What looked as if it had to be
 * approved may turn out not to.
 */
export async function mapAhead(running: Running, review: Review): Promise<void> {
  const { plan, run } = running;
  const pages = plan?.pages ?? 0;
  await inLanes(running, { left: () => pages - review.cursor, take: () => review.cursor++ }, async (page) => {
    await map.executeWithOptions({ summary: pageSummary(page), ...forRole(running.settings, 'send') }, [
      { run: run.id, page },
    ]);
    // Nothing is read and nothing acknowledged meanwhile, and it comes on all the same.
    running.waitedUntil = Date.now();
  });
  if (running.failure !== null || review.cursor < pages || review.since !== null) return;
  const shown = await recapRun.executeWithOptions(
    { summary: runSummary(run), ...forRole(running.settings, 'plan') },
    [{ run: run.id }],
  );
  run.rows = shown.rows;
  running.mappedAhead = true;
  if (shown.reasons.length === 0) {
    running.review = null;
    return;
  }
  review.reasons = shown.reasons;
  review.since = Date.now();
  run.status = statusOf(running);
  show(running);
  await recordStatus({ run: run.id, status: run.status });
}
