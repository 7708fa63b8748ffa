import type { Session } from './session.ts';
import { spoolBytes } from './spool-bytes.ts';
import type { Finish } from './value-bytes.ts';

const PIECE_BYTES = 128 * 1024;
/** So many pieces wait for their reader at most, but for the rest of a packet. */
const MAX_WAITING = 4;

/** The rows of a SELECT as pieces of the spool. The server is held up while the reader is behind. */
export async function* rowsOut(
  session: Session,
  sql: string,
  finishes: readonly (Finish | null)[],
): AsyncGenerator<Buffer, void> {
  const lines = spoolBytes(finishes, PIECE_BYTES);
  const waiting: Buffer[] = [];
  let wake = (): void => undefined;
  let isPaused = false;
  let ended = false;
  let failure: unknown = null;
  const put = (): void => {
    waiting.push(lines.take());
    if (waiting.length >= MAX_WAITING && !isPaused) {
      isPaused = true;
      session.pause();
    }
    wake();
  };

  session
    .stream(sql, (row) => {
      lines.add(row);
      // Room for one more row of the usual size, lest the buffer has to grow.
      if (lines.size() > PIECE_BYTES * 0.9) put();
    })
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => {
      ended = true;
      wake();
    });

  for (;;) {
    const piece = waiting.shift();
    if (piece !== undefined) {
      yield piece;
      continue;
    }
    if (failure !== null) throw failure as Error;
    if (ended) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (!isPaused) return;
      isPaused = false;
      session.resume();
    });
  }
  if (lines.size() > 0) yield lines.take();
}
