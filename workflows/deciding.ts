import { CancellationScope, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { Decision } from '../vocabulary/run.ts';
import { refusal, requireRun, type ForRun } from './refusal.ts';
import { isWaiting, statusOf, type Running } from './running.ts';
import { show } from './show.ts';
import { recordDecision } from './steps.ts';

const names = { approve: 'approved', decline: 'declined' } as const;
const updates = {
  approve: defineUpdate<void, [ForRun]>('approve'),
  decline: defineUpdate<void, [ForRun]>('decline'),
};
const signals = {
  approve: defineSignal<[ForRun?]>('approve'),
  decline: defineSignal<[ForRun?]>('decline'),
};

/** Takes approve and decline, as updates and as signals of the same names. A signal that an update would refuse is ignored. */
export function takeDecisions(running: Running): void {
  const validator = (given: ForRun | undefined): void => {
    requireRun(running, given);
    if (!isWaiting(running) || running.review?.deciding !== null)
      throw refusal('not_awaiting_approval', `run ${running.run.id}`);
  };
  for (const name of ['approve', 'decline'] as const) {
    const decide = (): Promise<void> => takeDecision(running, names[name]);
    setHandler(updates[name], decide, { validator });
    setHandler(signals[name], async (given) => {
      try {
        validator(given);
        await decide();
      } catch {
        // Nobody hears of it: whoever wants to know sends the update.
      }
    });
  }
}

/** Recorded before anything follows from it, so that a run that is lost then is settled by what was said. */
async function takeDecision(running: Running, decision: Decision): Promise<void> {
  const { review, run } = running;
  if (review === undefined || review === null) return;
  review.deciding = decision;
  const status = running.paused ? 'paused' : 'working';
  try {
    await CancellationScope.nonCancellable(() =>
      recordDecision.executeWithOptions({ summary: decision }, [{ run: run.id, decision, status }]),
    );
    review.decision = decision;
  } finally {
    review.deciding = null;
  }
  run.status = statusOf(running);
  show(running);
}
