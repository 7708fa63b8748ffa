import { listRuns } from '../ledger/list-runs.ts';
import { openRunOf, recordSkipped as recordInLedger } from '../ledger/runs.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Run } from '../vocabulary/run.ts';
import type { Dependencies } from './dependencies.ts';

/** A start that found its sync busy → ledger, under its own id. */
export async function recordSkipped(
  { ledger, links }: Dependencies,
  input: { run: string; sync: string; workflowId: string; full: boolean; review: boolean },
): Promise<Run> {
  const { run: id, ...skipped } = input;
  // Null while the run that goes on has not been opened yet.
  const holder = (await openRunOf(ledger.db, input.sync)) ?? input.workflowId;
  await recordInLedger(ledger.db, { id, ...skipped, holder });
  const [listed] = await listRuns(ledger.db, { id }, links);
  if (listed === undefined) throw new BackhaulError('run_not_found', id);
  return listed.run;
}
