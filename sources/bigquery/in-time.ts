import { failureError } from './failure.ts';

/** What is waited for, for so long at most, and no longer than anybody wants it. */
export function inTime<T>(
  work: Promise<T>,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (reason: string): void =>
      reject(failureError({ status: null, reason, text: '', clockAheadSeconds: null }));
    const onAbort = (): void => give('ABORTED');
    const late = setTimeout(() => give('DEADLINE_EXCEEDED'), timeoutMs);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
    });
  });
}
