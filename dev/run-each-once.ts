import type { Backhaul } from '../client/backhaul.ts';
import type { CliIo } from '../client/cli/io.ts';
import { errorOf } from '../client/cli/output.ts';
import { showProgress } from '../client/cli/progress.ts';
import type { Run } from '../vocabulary/run.ts';

export interface RunEachOptions {
  io: CliIo;
  backhaul: Backhaul;
  syncs: readonly string[];
  /** Aborted: the run under way is left to the next start. */
  signal: AbortSignal;
}

/** Runs syncs one after the other. Yields each run at its end. */
export async function* runEachOnce({ backhaul, io, signal, syncs }: RunEachOptions): AsyncGenerator<Run> {
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined));
  });
  for (const sync of syncs) {
    if (signal.aborted) return;
    const handle = await backhaul.syncs.run(sync);
    io.err(`run ${handle.id} of ${sync}`);
    // One that could not even be opened does not hold back the others.
    const end = showProgress(io, handle).catch(async (error: unknown): Promise<Run> => {
      if (signal.aborted) throw error;
      return { ...(await handle.get()), status: 'failed', error: errorOf(error).view() };
    });
    end.catch(() => undefined);
    const run = await Promise.race([end, aborted]);
    if (run === undefined) return;
    yield run;
  }
}
