import type pg from 'pg';
import type { BackhaulError } from '../../vocabulary/backhaul-error.ts';

export interface Sessions {
  /** A session whose query is cancelled at the server when the signal is aborted. */
  open(): Promise<pg.Client>;
  end(session: pg.Client): Promise<void>;
  /** Opens one for the work, and ends it. */
  with<T>(work: (session: pg.Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The sessions of a source. What `connect` throws is translated. */
export function keepSessions(options: {
  connect(): Promise<pg.Client>;
  signal: AbortSignal;
  stopped(): BackhaulError;
  translate(error: unknown): BackhaulError;
}): Sessions {
  const { connect, signal, stopped, translate } = options;
  /** With what takes the session's ear off the signal. */
  const opened = new Map<pg.Client, () => void>();
  const cancelling = new Set<Promise<void>>();
  /** From another session: the server does not look at a socket before it has a row to write. */
  const cancelOnAbort = (session: pg.Client): (() => void) => {
    const pid = (session as unknown as { processID: number }).processID;
    const cancel = async (): Promise<void> => {
      const other = await connect().catch(() => null);
      await other?.query('select pg_cancel_backend($1)', [pid]).catch(() => undefined);
      await other?.end().catch(() => undefined);
    };
    const onAbort = (): void => void cancelling.add(cancel());
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  };
  const end = async (session: pg.Client): Promise<void> => {
    opened.get(session)?.();
    opened.delete(session);
    await session.end().catch(() => undefined);
  };
  const open = async (): Promise<pg.Client> => {
    if (signal.aborted) throw stopped();
    try {
      const session = await connect();
      opened.set(session, cancelOnAbort(session));
      if (!signal.aborted) return session;
      await end(session);
    } catch (error) {
      throw translate(error);
    }
    throw stopped();
  };
  return {
    open,
    end,
    with: async (work) => {
      const session = await open();
      try {
        return await work(session);
      } finally {
        await end(session);
      }
    },
    close: async () => {
      await Promise.all([...cancelling, ...[...opened.keys()].map(end)]);
    },
  };
}
