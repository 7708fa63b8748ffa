import { Context } from '@temporalio/activity';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** A worker that stops. Both are aborted once, and stay so. */
export interface Leaving {
  /** It was told to: what can go on elsewhere is handed back at the next good moment. */
  begun: AbortSignal;
  /** Its time is over: what still goes on is given up. */
  over: AbortSignal;
}

/** Work that ends by itself once the attempt is cancelled or the worker leaves. */
export async function untilStopped<T>(
  leaving: Leaving | undefined,
  work: (stopped: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const signals = [Context.current().cancellationSignal, ...(leaving === undefined ? [] : [leaving.begun])];
  // Not AbortSignal.any: it would keep each of its kind for as long as the worker lives.
  const listening = signals.map((signal) => onAbort(signal, () => stop.abort()));
  try {
    return await work(stop.signal);
  } finally {
    for (const forget of listening) forget();
  }
}

/**
 * Fails once the time of the worker is over, so that another goes on at once and not only when a heartbeat is missed. What the
 * work still does until the process ends is what any attempt does that was given up: nobody takes it into account.
 */
export async function unlessGivenUp<T>(leaving: Leaving | undefined, work: () => Promise<T>): Promise<T> {
  if (leaving === undefined) return work();
  let forget = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    forget = onAbort(leaving.over, () => reject(new BackhaulError('worker_stopped')));
  });
  try {
    return await Promise.race([work(), over]);
  } finally {
    forget();
  }
}

/** @returns forgets the listener */
function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
