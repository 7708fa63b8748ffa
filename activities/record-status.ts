import { writeStatus } from '../ledger/runs.ts';
import type { RunStatus } from '../vocabulary/run.ts';
import type { Dependencies } from './dependencies.ts';

/** Shows in the ledger that a run was paused or goes on. */
export async function recordStatus(
  { ledger }: Dependencies,
  input: { run: string; status: RunStatus },
): Promise<void> {
  await writeStatus(ledger.db, input.run, input.status);
}
