import { secondsSince } from '../progress.ts';

const INTERVAL_MS = 5000;

/** Says every few seconds that something is still going on. */
export const whileWaiting = async <T>(
  what: string,
  report: (line: string) => void,
  work: Promise<T>,
): Promise<T> => {
  const started = performance.now();
  const timer = setInterval(() => report(`${what} (${secondsSince(started)})…`), INTERVAL_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
};
