import type { Readable } from 'node:stream';

/** Of storage that took a request and does not go on with it. It counts silence, not length: a slow transfer goes on. */
export const SILENCE_MS = 60_000;

/** The pieces of a body, as long as each comes in time. A reader that takes its time is no silence of the storage. */
export async function* unlessSilent(body: Readable, silenceMs: number): AsyncGenerator<Buffer> {
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => body.destroy(silent(silenceMs)), silenceMs);
      const piece = await pieces.next().finally(() => clearTimeout(timer));
      if (piece.done === true) return;
      yield piece.value as Buffer;
    }
  } finally {
    body.destroy();
  }
}

/** Does `work`, whose signal is aborted once it has not called `heard` for too long. */
export async function whileHeard<T>(
  silenceMs: number,
  work: (signal: AbortSignal, heard: () => void) => Promise<T>,
): Promise<T> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(silent(silenceMs)), silenceMs);
  try {
    return await work(silence.signal, () => void timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}

const silent = (silenceMs: number): Error =>
  Object.assign(new Error(`nothing came for ${silenceMs} ms`), { name: 'TimeoutError' });
