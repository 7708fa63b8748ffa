import type { Ledger } from '../ledger/connect.ts';
import { refusedUnlessAccepted } from '../ledger/posts.ts';
import { rejectedBefore } from '../ledger/runs.ts';

/** When that many single messages are refused and none was ever accepted, the fault is not in the messages. */
const REFUSALS_BEFORE_FAILURE = 20;

/**
 * Whether Segment refuses whatever this run sends (design rule 6). Rows that it has refused by themselves before are
 * refused again by every run until they are mended: they prove nothing, and must not keep others from being tried.
 */
export async function refusedEverything({ db }: Ledger, run: string): Promise<boolean> {
  const refused = await refusedUnlessAccepted(db, run);
  if (refused === null || refused < REFUSALS_BEFORE_FAILURE) return false;
  return refused >= REFUSALS_BEFORE_FAILURE + (await rejectedBefore(db, run));
}

/**
 * Whether to ask after so many refusals of a page: at each of the first ones, then when they have doubled, since asking reads all POSTs of
 * the run.
 */
export const isTimeToAsk = (refused: number): boolean =>
  refused <= REFUSALS_BEFORE_FAILURE || Number.isInteger(Math.log2(refused / REFUSALS_BEFORE_FAILURE));
