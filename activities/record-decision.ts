import { recordDecision as recordInLedger } from '../ledger/approvals.ts';
import type { Decision, RunStatus } from '../vocabulary/run.ts';
import type { Dependencies } from './dependencies.ts';

/** What a person said to the plan of a run → ledger. */
export async function recordDecision(
  { ledger }: Dependencies,
  { run, decision, status }: { run: string; decision: Decision; status: RunStatus },
): Promise<void> {
  await recordInLedger(ledger.db, run, decision, status);
}
