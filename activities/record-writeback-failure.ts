import { failWriteback } from '../ledger/writebacks.ts';
import type { ErrorView } from '../vocabulary/backhaul-error.ts';
import type { WritebackTarget } from '../vocabulary/writeback.ts';
import type { Dependencies } from './dependencies.ts';

/** A write-back that was given up → ledger. A null error: somebody cancelled it. */
export async function recordWritebackFailure(
  { ledger }: Dependencies,
  input: { run: string; target: WritebackTarget; error: ErrorView | null },
): Promise<void> {
  await failWriteback(ledger.db, input.run, input.target, input.error);
}
