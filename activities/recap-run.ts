import { forgetApproval, recordShown } from '../ledger/approvals.ts';
import { faultCounts, faultSamples } from '../ledger/faults.ts';
import { invalidOf as invalidOfPage, mappedPages } from '../ledger/pages.ts';
import { requireOpen, type RunRecord } from '../ledger/runs.ts';
import { readState, type StatePointer } from '../ledger/states.ts';
import { compileMapping, type CompiledMapping } from '../mapping/compile.ts';
import { columnFacts } from '../snapshot/column-facts.ts';
import { pageName } from '../snapshot/pages.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import { isInvalidReason } from '../vocabulary/invalid.ts';
import type { InvalidRecap, Recap } from '../vocabulary/recap.ts';
import type { RowCounts } from '../vocabulary/run.ts';
import { approvalReasons } from './approval-reasons.ts';
import { attemptName } from './attempt-name.ts';
import { MOST_INVALID_SAMPLES } from './collect-invalid.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { readInvalidKeys } from './invalid-at-rest.ts';
import { recapDocument, SAMPLE_ROWS } from './recap-document.ts';
import { recapPages, type PagesRecap } from './recap-pages.ts';
import { finalRows } from './record-result.ts';
import { resolveSegment } from './resolve-ends.ts';
import { withScratch } from './scratch.ts';

export interface RecapRunResult {
  rows: RowCounts;
  /** Why a person has to approve the plan; none: what was mapped is less than what asks for one. */
  reasons: string[];
}

/** A plan whose pages are all mapped → what a person approves, at rest. What an earlier attempt showed stands. */
export async function recapRun(dependencies: Dependencies, input: { run: string }): Promise<RecapRunResult> {
  const { blobs, ledger } = dependencies;
  const run = await requireOpen(ledger.db, input.run);
  const rows = await finalRows(dependencies, run);
  if (run.approval !== null && run.approval.recap !== null) return { rows, reasons: run.approval.reasons };
  const state = await readState(ledger.db, run.sync);
  const reasons = reasonsOf(run, rows, state);
  if (reasons.length === 0) {
    await forgetApproval(ledger.db, run.id);
    return { rows, reasons };
  }
  return heartbeating(
    () => ({}),
    async () => {
      const recap = blobName('runs', run.id, 'recap', attemptName());
      const document = await documentOf(dependencies, run, { rows, reasons, state });
      await blobs.put(recap, JSON.stringify(document));
      const shown = await recordShown(ledger.db, run.id, { reasons, recap });
      return { rows, reasons: shown?.reasons ?? reasons };
    },
  );
}

/** Those that the plan gave, and what the mapping added: how many rows are invalid is known only now. */
function reasonsOf(
  { approval, definition, messages }: RunRecord,
  rows: RowCounts,
  state: StatePointer | undefined,
): string[] {
  const { invalid } = definition.sync.approvalAbove ?? {};
  const users = state?.liveEntries ?? 0;
  const now = approvalReasons({
    ...{ review: false, mode: null, rows, users },
    planned: messages.planned,
    above: { invalid },
  });
  const earlier = (approval?.reasons ?? []).filter((reason) => !reason.startsWith('invalid:'));
  return [...earlier, ...now];
}

async function documentOf(
  dependencies: Dependencies,
  run: RunRecord,
  { rows, reasons, state }: RecapRunResult & { state: StatePointer | undefined },
): Promise<Recap> {
  const { blobs, duckdb } = dependencies;
  const { definition, id, snapshot, startedAt, sync } = run;
  if (snapshot === null) throw new BackhaulError('snapshot_missing', `run ${id}`);
  const mapping = compileMapping(definition.sync, snapshot.columns);
  const { eventsPerSecond } = await resolveSegment(
    dependencies,
    definition.sync.destination,
    definition.destination,
  );
  const facts = await withScratch(duckdb, (scratch) =>
    columnFacts({
      snapshot,
      columns: mapping.columns.length,
      sampleRows: SAMPLE_ROWS,
      blobs,
      duckdb,
      scratch,
    }),
  );
  return recapDocument({
    run: { id, sync, startedAt },
    mode: run.mode ?? 'full',
    modeReason: run.modeReason ?? '',
    rows,
    invalid: await invalidOf(dependencies, id),
    mapping,
    state,
    facts,
    pages: await pagesOf(dependencies, run, mapping),
    eventsPerSecond,
    reasons,
    error: null,
    warnings: run.warnings,
  });
}

async function pagesOf(
  { blobs, ledger }: Dependencies,
  run: RunRecord,
  mapping: CompiledMapping,
): Promise<PagesRecap> {
  const { plan } = run;
  if (plan === null) throw new BackhaulError('snapshot_missing', `run ${run.id}`);
  const pages = recapPages(run.rows, { keyParts: mapping.keyColumns.length, removals: plan.removals ?? 0 });
  for (const mapped of await mappedPages(ledger.db, run.id)) {
    const isAllValid = invalidOfPage(mapped) === 0;
    const [rows, batches, invalid] = await Promise.all([
      blobs.get(pageName(plan.prefix, mapped.page)),
      blobs.get(blobName(mapped.batches)),
      isAllValid ? new Set<string>() : readInvalidKeys(blobs, blobName(mapped.batches)),
    ]);
    pages.add({ rows, batches, invalid });
  }
  return pages;
}

async function invalidOf({ ledger }: Dependencies, run: string): Promise<InvalidRecap[]> {
  const samples = await faultSamples(ledger.db, run, 'invalid');
  return Object.entries(await faultCounts(ledger.db, run, 'invalid')).flatMap(([reason, rows]) =>
    isInvalidReason(reason)
      ? [
          {
            reason,
            rows,
            samples: samples
              .filter((sample) => sample.reason === reason)
              .slice(0, MOST_INVALID_SAMPLES)
              .map(({ column, key }) => ({ key, column })),
          },
        ]
      : [],
  );
}
