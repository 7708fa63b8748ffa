import { Readable } from 'node:stream';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

export interface CopyOptions {
  model: string;
  signal: AbortSignal;
  translate(error: unknown): BackhaulError;
  /** Ends the query of a backend from another session: the server does not look at a socket before it has a row to write. */
  cancel(pid: number): Promise<unknown>;
  /** Gives the session back, whether the result was read to its end or not. */
  close(): Promise<void>;
}

/** The result of a COPY … TO STDOUT as a stream whose errors are Backhaul's. */
export function copyOut(session: pg.Client, statement: string, options: CopyOptions): Readable {
  const { cancel, close, model, signal, translate } = options;
  const copy = session.query(copyTo(statement));
  // Errors are taken by the loop below; one that comes after it has nobody left to tell.
  copy.on('error', () => undefined);
  const pid = (session as unknown as { processID: number }).processID;
  const stop = (): void => {
    // Where even this fails, client_connection_check_interval ends the query.
    cancel(pid).catch(() => undefined);
    copy.destroy(new BackhaulError('run_cancelled', `model ${model}`));
  };
  signal.addEventListener('abort', stop, { once: true });

  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of copy as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      throw translate(error);
    } finally {
      signal.removeEventListener('abort', stop);
      await close();
    }
  }
  return Readable.from(chunks(), { objectMode: false });
}
