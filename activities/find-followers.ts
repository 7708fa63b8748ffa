import { followersDue } from '../ledger/followers.ts';
import { readRun } from '../ledger/runs.ts';
import type { Dependencies } from './dependencies.ts';

export interface Followers {
  syncs: string[];
  installation: string;
}

/** The syncs that a completed run lets start: those that name its sync in `after`, and for which it was the last one to wait for. */
export async function findFollowers(
  { installation, ledger }: Dependencies,
  input: { run: string },
): Promise<Followers> {
  const { sync } = await readRun(ledger.db, input.run);
  return { syncs: await followersDue(ledger.db, sync), installation };
}
