import { Context } from '@temporalio/activity';

const HEARTBEAT_INTERVAL_MS = 1000;

/**
 * Heartbeats for as long as the work lasts, with what `details` says at the time. Without it a worker that died would
 * be noticed only when the whole activity had run out of time.
 */
export async function heartbeating<T>(details: () => object, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(details()), HEARTBEAT_INTERVAL_MS);
  try {
    context.heartbeat(details());
    return await work();
  } finally {
    clearInterval(beat);
  }
}
