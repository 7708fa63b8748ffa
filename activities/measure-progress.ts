import { msSinceProgress } from '../ledger/runs.ts';
import type { Dependencies } from './dependencies.ts';

/** Milliseconds since the run read a row or had an answer from Segment. */
export async function measureProgress({ ledger }: Dependencies, input: { run: string }): Promise<number> {
  return msSinceProgress(ledger.db, input.run);
}
