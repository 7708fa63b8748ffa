import { setTimeout as delay } from 'node:timers/promises';

/** Waits; ends early and without an error when the signal is aborted. */
export async function abortableDelay(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
