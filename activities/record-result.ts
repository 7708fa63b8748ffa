import { exceeds } from '../definitions/limit.ts';
import { followersOf } from '../ledger/followers.ts';
import { MAX_SAMPLES, writeFaults } from '../ledger/faults.ts';
import { countRequests, invalidOf, mappedPages, readMappedPage, recordPage } from '../ledger/pages.ts';
import { postsOfPage } from '../ledger/posts.ts';
import { listRuns } from '../ledger/list-runs.ts';
import { closeRun, finishRun, readRun, type RunRecord } from '../ledger/runs.ts';
import { countVerdicts, verdicts } from '../ledger/verdict.ts';
import { readIndexKeys } from '../vocabulary/page-index.ts';
import { BackhaulError, type ErrorView } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import { rowsTaken, type MessageCounts, type RowCounts, type Run } from '../vocabulary/run.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { releaseReading } from './release-reading.ts';
import { refusedEverything } from './refused-everything.ts';
import { quiet, settle, verdictsOfPages } from './settle.ts';

export interface PageResult {
  accepted: number;
  rejected: number;
  requests: number;
}

export type RunEnd =
  | { status: 'completed'; error: null }
  /** With an error when a person declined it. */
  | { status: 'cancelled'; error: ErrorView | null }
  | { status: 'failed'; error: ErrorView };

/** `followed`: other syncs name its sync in `after` now, when it has completed. Absent in what older versions recorded. */
export type RecordedRun = Run & { followed?: boolean };

/** Outcomes of a page → ledger: counts, and samples of what Segment refused. */
export async function recordPageResult(
  dependencies: Dependencies,
  input: { run: string; page: number },
): Promise<PageResult> {
  const { blobs, ledger } = dependencies;
  const page = await readMappedPage(ledger.db, input.run, input.page);
  if (page === undefined) throw new BackhaulError('snapshot_missing', `run ${input.run}, page ${input.page}`);
  const posts = await postsOfPage(ledger.db, input.run, input.page);
  const ranges = verdicts(posts, page.messages);
  const { accepted, rejected } = countVerdicts(ranges);
  const result = { accepted, rejected, requests: await countRequests(ledger.db, input.run, input.page) };
  if (rejected > 0 && !(await refusedEverything(ledger, input.run))) {
    const positions = ranges
      .filter(({ refused }) => refused)
      .flatMap(({ first, beyond }) => Array.from({ length: beyond - first }, (_, offset) => first + offset));
    const statusOf = new Map(
      posts
        .filter(({ first, beyond, outcome }) => outcome === 'refused' && beyond === first + 1)
        .map(({ first, http_status }) => [first, http_status]),
    );
    const reasonOf = (position: number): string => `http_${statusOf.get(position) ?? 'refused'}`;
    const counts: Record<string, number> = {};
    for (const position of positions) counts[reasonOf(position)] = (counts[reasonOf(position)] ?? 0) + 1;
    const keys = readIndexKeys(await blobs.get(blobName(page.index)));
    await writeFaults(ledger.db, input.run, {
      kind: 'rejected',
      page: input.page,
      counts,
      samples: positions.slice(0, MAX_SAMPLES).map((position) => ({
        position,
        reason: reasonOf(position),
        key: keys[position] ?? null,
        column: null,
      })),
    });
  }
  await recordPage(ledger.db, input.run, input.page, result);
  return result;
}

/**
 * The end of a run: no POST can follow, what was posted moves the state, the totals are written. Runs once every lane
 * is at rest, also after a cancel or a failure.
 */
export async function recordRunResult(
  dependencies: Dependencies,
  input: { run: string; end: RunEnd },
): Promise<RecordedRun> {
  const { ledger, links } = dependencies;
  await heartbeating(
    () => ({}),
    async () => {
      await closeRun(ledger.db, input.run);
      await quiet(ledger, input.run);
      const run = await readRun(ledger.db, input.run);
      await releaseReading(dependencies, run);
      const { settled } = await verdictsOfPages(dependencies, run);
      const rows = await finalRows(dependencies, run);
      const messages = {
        planned: run.messages.planned,
        accepted: settled.accepted,
        rejected: settled.rejected,
      };
      const refusing = await refusedEverything(ledger, run.id);
      const judged = judge(input.end, run, rows, messages, refusing);
      const end = (await settleOrError(dependencies, run, judged.status === 'completed')) ?? judged;
      await finishRun(ledger.db, run.id, {
        ...end,
        rows,
        messages,
        requests: await countRequests(ledger.db, run.id),
        withErrors: rows.invalid > 0 || messages.rejected > 0,
      });
    },
  );
  const [listed] = await listRuns(ledger.db, { id: input.run }, links);
  if (listed === undefined) throw new BackhaulError('run_not_found', input.run);
  // Asked here and not when it was opened: a chain may have been applied while it went on.
  return { ...listed.run, followed: (await followersOf(ledger.db, listed.run.sync)).size > 0 };
}

/** A fault that a person must mend ends the run as failed; it stays unsettled, and the next run settles it. */
async function settleOrError(
  dependencies: Dependencies,
  run: RunRecord,
  isComplete: boolean,
): Promise<RunEnd | undefined> {
  try {
    await settle(dependencies, run, run.id, isComplete);
    return undefined;
  } catch (error) {
    if (!(error instanceof BackhaulError) || error.entry.retryable) throw error;
    return { status: 'failed', error: error.view() };
  }
}

/** The plan's counts, with the rows that only the mapping found invalid moved to where they belong. */
export async function finalRows({ ledger }: Dependencies, run: RunRecord): Promise<RowCounts> {
  const rows = { ...run.rows };
  for (const page of await mappedPages(ledger.db, run.id)) {
    rows.added -= page.invalid_added;
    rows.changed -= page.invalid_changed;
    rows.unchanged -= page.invalid_unchanged;
    rows.removed -= page.invalid_removed;
    rows.invalid += invalidOf(page);
  }
  return rows;
}

/** A run that went to its end may still be beyond the limits of its sync. */
function judge(
  end: RunEnd,
  run: RunRecord,
  rows: RowCounts,
  messages: MessageCounts,
  refusing: boolean,
): RunEnd {
  if (end.status !== 'completed') return end;
  // Whoever found the last refusal may have died before it could say so.
  if (refusing)
    return {
      status: 'failed',
      error: new BackhaulError('segment_refuses_everything', `run ${run.id}`).view(),
    };
  const { invalid, rejected } = run.definition.sync.limits;
  if (exceeds(invalid, rows.invalid, rowsTaken(rows))) {
    const where = `${rows.invalid} of ${rowsTaken(rows)} rows, limit ${invalid}`;
    return { status: 'failed', error: new BackhaulError('too_many_invalid', where).view() };
  }
  if (exceeds(rejected, messages.rejected, messages.planned)) {
    const where = `${messages.rejected} of ${messages.planned} messages, limit ${rejected}`;
    return { status: 'failed', error: new BackhaulError('too_many_rejected', where).view() };
  }
  return end;
}
