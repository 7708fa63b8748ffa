import { Context } from '@temporalio/activity';
import { recordReminder } from '../ledger/approvals.ts';
import { readRun } from '../ledger/runs.ts';
import type { Dependencies } from './dependencies.ts';

/** Says once a day in the worker's log and in the ledger that a run waits for an approval. */
export async function remindOfApproval(
  { ledger }: Dependencies,
  input: { run: string; days: number },
): Promise<void> {
  const { approval, sync } = await readRun(ledger.db, input.run);
  await recordReminder(ledger.db, input.run);
  Context.current().log.warn('A run waits for an approval', {
    run: input.run,
    sync,
    days: input.days,
    reasons: approval?.reasons ?? [],
  });
}
