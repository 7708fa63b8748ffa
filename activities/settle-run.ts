import { countRequests } from '../ledger/pages.ts';
import { finishRun, readRun } from '../ledger/runs.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { finalRows } from './record-result.ts';
import { releaseReading } from './release-reading.ts';
import { quiet, settle } from './settle.ts';

/** Settles an earlier run of the sync that could not do it itself: it was terminated, or lost with its Temporal. */
export async function settleRun(
  dependencies: Dependencies,
  input: { run: string; by: string },
): Promise<void> {
  const { ledger } = dependencies;
  await heartbeating(
    () => ({}),
    async () => {
      await quiet(ledger, input.run);
      const run = await readRun(ledger.db, input.run);
      await releaseReading(dependencies, run);
      const settled = await settle(dependencies, run, input.by, false);
      const rows = await finalRows(dependencies, run);
      await finishRun(ledger.db, run.id, {
        status: 'failed',
        rows,
        messages: { planned: run.messages.planned, accepted: settled.accepted, rejected: settled.rejected },
        requests: await countRequests(ledger.db, run.id),
        withErrors: settled.rejected > 0 || rows.invalid > 0,
        error: new BackhaulError('run_terminated', `run ${run.id}`).view(),
      });
    },
  );
}
