import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { msUntilQuiet } from '../ledger/open-run.ts';
import { invalidOf, mappedPages, type MappedPage } from '../ledger/pages.ts';
import { postsOfPage } from '../ledger/posts.ts';
import type { SnapshotReference } from '../ledger/run-record.ts';
import type { RunRecord } from '../ledger/runs.ts';
import type { StateMapping } from '../ledger/state-record.ts';
import { moveState, readState } from '../ledger/states.ts';
import { countVerdicts, verdicts, type VerdictRange } from '../ledger/verdict.ts';
import { foldState, type PageVerdicts } from '../snapshot/fold-state.ts';
import { compileMapping } from '../mapping/compile.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import { abortableDelay } from './abortable-delay.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { requireState } from './require-state.ts';
import { withScratch } from './scratch.ts';
import { refusedEverything } from './refused-everything.ts';

export interface Settled {
  accepted: number;
  rejected: number;
  /** Planned, and found invalid by the mapping. */
  invalid: number;
}

/** A page with how many messages it has. */
type MappedVerdicts = PageVerdicts & { messages: number };

/**
 * Folds what a run posted into the state and marks it settled (design rule 3). The run is closed and its last deadline is
 * over, so the journal is complete. `by` is the run that does it: itself, or the one that superseded it.
 *
 * @param isComplete whether the run came to its end: an adoption that did not adopts nothing
 */
export async function settle(
  dependencies: Dependencies,
  run: RunRecord,
  by: string,
  isComplete: boolean,
): Promise<Settled> {
  const { ledger } = dependencies;
  const { pages, settled } = await verdictsOfPages(dependencies, run);
  const adopts = run.mode === 'adopt';
  const { plan, snapshot } = run;
  if (run.settled) return settled;
  const move = { sync: run.sync, run: run.id, runNumber: run.number, by };
  // A plan that nobody approved leaves no trace in the state, also not of who has left the model.
  const isWithheld = run.approval !== null && run.approval.decision !== 'approved';
  if (plan === null || snapshot === null || isWithheld) {
    await moveState(ledger.db, { ...move, previous: null, next: null, mapping: null, delivered: null });
    return settled;
  }
  // What is invalid or rejected stays as it was, and is tried again by each run: the mapping itself has gone out.
  const answered = adopts ? isComplete : isAnswered(plan, settled);
  const previous = plan.state;
  const isDelivered = answered && (await coversState(dependencies, run, previous));
  const delivered = isDelivered ? compileMapping(run.definition.sync, snapshot.columns).traits : null;
  const moving = { ...move, previous, mapping: mappingOf(snapshot), delivered };
  const posted = adopts ? adopted(pages, isComplete) : pages.filter((page) => page.ranges.length > 0);
  const carries = isDelivered && (plan.carried ?? 0) > 0;
  const changesOthers = plan.returned > 0 || run.rows.removed > 0 || carries;
  if (posted.length === 0 && !changesOthers) {
    await moveState(ledger.db, { ...moving, next: null });
    return settled;
  }
  const target = blobName(
    'states',
    run.sync,
    `${String(run.number).padStart(8, '0')}-${attemptName()}.parquet`,
  );
  await requireState(dependencies.blobs, run.sync, { blob: previous });
  const folded = await withScratch(dependencies.duckdb, (scratch) =>
    foldState({
      state: previous,
      snapshot,
      runNumber: run.number,
      pages: posted,
      selected: plan.selected ?? null,
      carries,
      keepsOthers: adopts,
      target,
      blobs: dependencies.blobs,
      duckdb: dependencies.duckdb,
      scratch,
    }),
  );
  const old = await moveState(ledger.db, { ...moving, next: { blob: target, ...folded } });
  if (old === undefined) {
    // Somebody else settled the run meanwhile, or has superseded it: what was written here is nobody's.
    await dependencies.blobs.remove(target);
    const state = await readState(ledger.db, run.sync);
    if (state?.runNumber !== run.number) throw new BackhaulError('run_superseded', `run ${run.id}`);
    return settled;
  }
  dependencies.metrics('backhaul_state_users', folded.liveEntries, { sync: run.sync });
  dependencies.metrics('backhaul_state_entries', folded.entries, { sync: run.sync });
  for (const blob of old) await dependencies.blobs.remove(blobName(blob));
  return settled;
}

/** Waits until no POST of the run can still arrive. */
export async function quiet(ledger: Dependencies['ledger'], run: string): Promise<void> {
  const { cancellationSignal } = Context.current();
  await abortableDelay(await msUntilQuiet(ledger.db, [run]), cancellationSignal);
  // Settled too early, an older value could still arrive after a newer one: whoever comes next waits again.
  if (cancellationSignal.aborted) throw new CancelledFailure('cancelled');
}

/** What is known of the messages of a run, and which of each page's the state has to learn of. */
export async function verdictsOfPages(
  { ledger }: Dependencies,
  run: RunRecord,
): Promise<{ pages: MappedVerdicts[]; settled: Settled }> {
  const settled: Settled = { accepted: 0, rejected: 0, invalid: 0 };
  const pages: MappedVerdicts[] = [];
  for (const page of await mappedPages(ledger.db, run.id)) {
    const ranges = await verdictsOfPage(ledger, run.id, page);
    const counts = countVerdicts(ranges);
    settled.accepted += counts.accepted;
    settled.rejected += counts.rejected;
    settled.invalid += invalidOf(page);
    pages.push({
      page: page.page,
      index: blobName(page.index),
      messages: page.messages,
      ranges: ranges.flatMap(({ first, beyond, verdict }) =>
        verdict === 'accepted' || verdict === 'in_doubt' ? [{ first, beyond, verdict }] : [],
      ),
    });
  }
  // A fault that is not in the messages must not be held against them (design rule 6).
  if (await refusedEverything(ledger, run.id)) settled.rejected = 0;
  return { pages, settled };
}

export const verdictsOfPage = async (
  ledger: Dependencies['ledger'],
  run: string,
  page: MappedPage,
): Promise<VerdictRange[]> => verdicts(await postsOfPage(ledger.db, run, page.page), page.messages);

/**
 * Whether what a run delivered is all that the state is about. One that was restricted says nothing of other rows, and an adoption
 * nothing of entries that were there, which may be by the mapping that was delivered before, if one was.
 */
async function coversState(
  { ledger }: Dependencies,
  { mode, selection, sync }: RunRecord,
  previous: string | null,
): Promise<boolean> {
  if (selection !== null) return false;
  if (mode !== 'adopt' || previous === null) return true;
  return (await readState(ledger.db, sync))?.mappingDigest === null;
}

const isAnswered = ({ planned }: { planned: number }, { accepted, invalid, rejected }: Settled): boolean =>
  accepted + rejected + invalid === planned;

/** What an adoption has mapped is taken for accepted. */
const adopted = (pages: readonly MappedVerdicts[], isComplete: boolean): PageVerdicts[] =>
  isComplete
    ? pages
        .filter(({ messages }) => messages > 0)
        .map(({ index, messages, page }) => ({
          page,
          index,
          ranges: [{ first: 0, beyond: messages, verdict: 'accepted' }],
        }))
    : [];

/** By what a run took its fingerprints: the next one compares its mapping with this. */
const mappingOf = ({ columns, known, mappingDigest }: SnapshotReference): StateMapping => ({
  digest: mappingDigest,
  columns,
  known: known ?? columns.map(({ name }) => name),
});
