import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import { errorView, wasStopped } from './error-view.ts';
import type { Running } from './running.ts';
import { measureProgress } from './steps.ts';

/** A wait that took this much longer than asked for says that no worker was there: that is no fault of the run. */
const WORKER_WAS_AWAY_MS = 60_000;
const SHORTEST_SLEEP_MS = 1000;

/**
 * Runs the work and cancels it at limits.runtime and limits.noProgress. No workflow timeout is used: it would skip
 * recordResult.
 *
 * @returns the limit that was reached; undefined when the work ended by itself
 */
export async function withinLimits(
  running: Running,
  work: () => Promise<void>,
): Promise<ErrorView | undefined> {
  let reached: ErrorView | undefined;
  const limited = new CancellationScope();
  const watching = new CancellationScope();
  const watch = async (limit: Promise<ErrorView>): Promise<void> => {
    reached ??= await limit;
    limited.cancel();
  };
  const watchers = watching
    .run(() => Promise.all([watch(runtimeLimit(running)), watch(noProgressLimit(running))]))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  try {
    await limited.run(work);
  } catch (error) {
    if (reached === undefined || !wasStopped(error)) throw error;
  } finally {
    watching.cancel();
    await watchers;
  }
  return reached;
}

/** Nobody is waited for while it runs: a run that is held back for an approval is within no limits. */
async function runtimeLimit({ run, settings, waitedMs = 0 }: Running): Promise<ErrorView> {
  await sleepUntil(Date.parse(run.startedAt) + settings.runtimeMs + waitedMs);
  return errorView('run_too_long', `run ${run.id}`);
}

async function noProgressLimit(running: Running): Promise<ErrorView> {
  const { run, settings } = running;
  const limitMs = settings.noProgressMs;
  let sleepMs = limitMs;
  for (;;) {
    const awakeAt = Date.now() + sleepMs;
    await sleepUntil(awakeAt);
    const idleMs = Math.min(await measureProgress({ run: run.id }), Date.now() - running.waitedUntil);
    const waiting = running.paused || running.heldLanes > 0 || Date.now() - awakeAt > WORKER_WAS_AWAY_MS;
    if (waiting) {
      sleepMs = limitMs;
      continue;
    }
    if (idleMs >= limitMs) return errorView('no_progress', `run ${run.id}`);
    sleepMs = limitMs - idleMs;
  }
}

const sleepUntil = (at: number): Promise<void> => sleep(Math.max(SHORTEST_SLEEP_MS, at - Date.now()));
