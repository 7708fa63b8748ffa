import type { Ledger } from '../ledger/connect.ts';
import { verdictsOfRun } from '../ledger/posts.ts';
import { rejectedBefore } from '../ledger/runs.ts';

/** When that many single messages are refused and none was ever accepted, the fault is not in the messages. */
const REFUSALS_BEFORE_FAILURE = 20;

/**
 * Whether Segment refuses whatever this run sends (design rule 6). Rows that it has refused by themselves before are
 * refused again by every run until they are mended: they prove nothing, and must not keep others from being tried.
 */
export async function refusedEverything({ db }: Ledger, run: string): Promise<boolean> {
  const { anyAccepted, singlesRefused } = await verdictsOfRun(db, run);
  if (anyAccepted || singlesRefused < REFUSALS_BEFORE_FAILURE) return false;
  return singlesRefused >= REFUSALS_BEFORE_FAILURE + (await rejectedBefore(db, run));
}
