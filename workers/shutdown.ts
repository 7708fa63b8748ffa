import { setMaxListeners } from 'node:events';
import type { Leaving } from '../activities/leaving.ts';

export interface Shutdown {
  leaving: Leaving;
  /** Told once: hand back what can go on elsewhere, finish the rest within the grace. Told again: give up the rest now. */
  stop(): void;
}

/** What a step may still take when its time is over: a POST is given up after 20 s, and its answer has to be recorded. */
const LAST_POST_MS = 25_000;

/** Two signals for the activities of a worker: it leaves, and its time is over. */
export function openShutdown(graceMs: number): Shutdown {
  const [begun, over] = [new AbortController(), new AbortController()];
  // One listener for each activity that is under way.
  setMaxListeners(0, begun.signal, over.signal);
  return {
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
