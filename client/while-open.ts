import { setMaxListeners } from 'node:events';
import type { Connection } from '@temporalio/client';

/** Waits that end with their connection: a long poll that outlives its channel would end the process from a timer of the SDK. */
export function openWaits(connection: Pick<Connection, 'withAbortSignal'>): {
  whileOpen: <T>(wait: () => Promise<T>) => Promise<T>;
  end: () => void;
} {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  return {
    async whileOpen(wait) {
      // The SDK leaves a listener of each of its polls behind: they go with a signal of this wait's own.
      const own = new AbortController();
      setMaxListeners(0, own.signal);
      const stop = (): void => own.abort();
      if (closing.signal.aborted) stop();
      closing.signal.addEventListener('abort', stop);
      try {
        return await connection.withAbortSignal(own.signal, wait);
      } catch (error) {
        own.signal.throwIfAborted();
        throw error;
      } finally {
        closing.signal.removeEventListener('abort', stop);
      }
    },
    end: () => closing.abort(),
  };
}
