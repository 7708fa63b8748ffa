import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Leaving } from '../activities/leaving.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

export interface Shutdown {
  leaving: Leaving;
  /** Told once: hand back what can go on elsewhere, finish the rest within the grace. Told again: give up the rest now. */
  stop(): void;
  /** Fails with `worker_stopped` when a step goes on for long after its time was over. */
  expired: Promise<never>;
}

/** What a step may still take when its time is over: a POST is given up after 20 s, and its answer has to be recorded. */
const LAST_POST_MS = 25_000;

/** Two signals for the activities of a worker: it leaves, and its time is over. */
export function openShutdown(graceMs: number): Shutdown {
  const [begun, over] = [new AbortController(), new AbortController()];
  // One listener for each activity that is under way.
  setMaxListeners(0, begun.signal, over.signal);
  const expired = new Promise<never>((_, reject) => {
    const expire = (): void => reject(new BackhaulError('worker_stopped'));
    over.signal.addEventListener('abort', () => void delay(LAST_POST_MS).then(expire), { once: true });
  });
  return {
    expired,
    leaving: { begun: begun.signal, over: over.signal },
    stop() {
      if (begun.signal.aborted) return over.abort();
      begun.abort();
      setTimeout(() => over.abort(), graceMs).unref();
    },
  };
}

/** After it the worker ends with what it has not finished. */
export const forceAfter = (graceMs: number): number => graceMs + LAST_POST_MS;
