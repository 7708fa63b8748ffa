import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { BackhaulError } from '../../vocabulary/backhaul-error.ts';

export interface CopyOptions {
  signal: AbortSignal;
  /** What an abort ends with. */
  stopped(): BackhaulError;
  translate(error: unknown): BackhaulError;
  /** Gives the session back, whether the result was read to its end or not. */
  close(): Promise<void>;
}

/** The result of a COPY … TO STDOUT, with Backhaul's errors. */
export async function* copyOut(
  session: pg.Client,
  statement: string,
  options: CopyOptions,
): AsyncGenerator<Buffer> {
  const { close, signal, stopped, translate } = options;
  const copy = session.query(copyTo(statement));
  // Errors are taken by the loop below; one that comes after it has nobody left to tell.
  copy.on('error', () => undefined);
  const stop = (): void => void copy.destroy(stopped());
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });

  try {
    for await (const chunk of copy as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw translate(error);
  } finally {
    signal.removeEventListener('abort', stop);
    await close();
  }
}
