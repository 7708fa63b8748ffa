import { DEFAULT_WRITEBACK, type WritebackDefinition } from '../definitions/writeback.ts';
import type { SyncDefinition } from '../definitions/sync.ts';
import { currentDefinitions } from '../ledger/definitions.ts';
import { listedRun } from '../ledger/list-runs.ts';
import { readRun } from '../ledger/runs.ts';
import { runsNotWrittenBack } from '../ledger/writebacks.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Dependencies } from './dependencies.ts';

export interface FoundWriteback {
  /** What is written, and to where; null: nothing. */
  writeback: WritebackDefinition | null;
  /** Runs of the same sync that nothing has written back: they were terminated, or skipped. */
  others: string[];
}

/** The rest waits for the next run. */
const MOST_OTHERS = 100;

/**
 * How a run that has ended is written back: as its own definition says; `again`, since a person asked for it, as the sync says now, or
 * with all rows when it says nothing.
 *
 * @throws run_not_ended
 */
export async function findWriteback(
  { ledger, links }: Dependencies,
  input: { run: string; again: boolean; given: WritebackDefinition | null },
): Promise<FoundWriteback> {
  const { db } = ledger;
  const { finishedAt, number, status, sync } = await listedRun(db, input.run, links);
  if (finishedAt === null) throw new BackhaulError('run_not_ended', `run ${input.run}, ${status}`);
  const pinned = number === null ? undefined : (await readRun(db, input.run)).definition.sync.writeback;
  if (input.again) {
    const now = (await currentDefinitions(db)).find(({ kind, name }) => kind === 'sync' && name === sync);
    // Only validated documents are stored, so the document of a kind has that kind's type.
    const asked = (now?.document as SyncDefinition | undefined)?.writeback;
    return { writeback: asked ?? pinned ?? DEFAULT_WRITEBACK, others: [] };
  }
  const writeback = pinned ?? input.given;
  // Another run has found this one: it looks for the others itself.
  const others = input.given === null && writeback !== null;
  return { writeback, others: others ? await runsNotWrittenBack(db, input.run, MOST_OTHERS) : [] };
}
