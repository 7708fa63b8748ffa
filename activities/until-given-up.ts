import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { Piece } from '../vocabulary/spool.ts';

/**
 * Whether somebody cancelled the run; a worker that stops, or an attempt that was given up, leaves its query to the next one.
 * The context is handed in: who hears of an abort is called outside of it.
 */
const isCancelled = ({ cancellationDetails }: Context): boolean =>
  cancellationDetails?.cancelRequested === true;

/**
 * Aborted when the run is cancelled, and then whatever runs at the warehouse is cancelled there too. Not when the worker stops
 * or the attempt is given up: the next attempt goes on with the same query.
 */
export function cancelOfRun(): AbortSignal {
  const cancel = new AbortController();
  const context = Context.current();
  const { cancellationSignal } = context;
  const pass = (): void => {
    if (isCancelled(context)) cancel.abort();
  };
  if (cancellationSignal.aborted) pass();
  else cancellationSignal.addEventListener('abort', pass, { once: true });
  return cancel.signal;
}

/** The pieces, until the attempt is to end for another reason than a cancel, which the source itself answers. */
export async function* untilGivenUp(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  const context = Context.current();
  const { cancellationSignal } = context;
  const iterator = pieces[Symbol.asyncIterator]();
  // Of the piece that is waited for alone: one promise for all of them to race against would keep each in memory.
  let fail: (reason: Error) => void = () => undefined;
  const giveUp = (): void => {
    if (!isCancelled(context)) fail(new CancelledFailure('the attempt is given up'));
  };
  cancellationSignal.addEventListener('abort', giveUp, { once: true });
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<Piece>>((resolve, reject) => {
        fail = reject;
        iterator.next().then(resolve, reject);
        if (cancellationSignal.aborted) giveUp();
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    cancellationSignal.removeEventListener('abort', giveUp);
    // Not awaited: a source that waits for the network would hold up whoever stops the worker.
    iterator.return?.().catch(() => undefined);
  }
}
