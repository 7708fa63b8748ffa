import { MAX_SAMPLES, PLAN_PAGE, writeFaults } from '../ledger/faults.ts';
import { addWarnings, recordPlan, requireOpen } from '../ledger/runs.ts';
import type { PlanReference } from '../ledger/run-record.ts';
import { readState } from '../ledger/states.ts';
import { compileMapping } from '../mapping/compile.ts';
import { fixedBytes } from '../mapping/message.ts';
import { compileRemoval } from '../mapping/removal.ts';
import { makePlan } from '../snapshot/plan.ts';
import { exceeds } from '../definitions/limit.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import type { RowCounts } from '../vocabulary/run.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { heldBackWarnings, requireFewRemovals } from './removals.ts';
import { withScratch } from './scratch.ts';
import { requireState } from './require-state.ts';

export interface PaginateResult {
  pages: number;
  planned: number;
  rows: RowCounts;
  /** Of removals that were held back; absent: there are none. */
  warnings?: string[];
}

/** Snapshot against state: the plan, and its pages at rest. What an earlier attempt recorded stands. */
export async function paginate(dependencies: Dependencies, input: { run: string }): Promise<PaginateResult> {
  const { blobs, duckdb, ledger } = dependencies;
  const run = await requireOpen(ledger.db, input.run);
  const { snapshot } = run;
  if (snapshot === null) throw new BackhaulError('snapshot_missing', `run ${run.id}`);
  if (run.plan !== null) return resultOf(run.plan, run.rows);

  const state = await readState(ledger.db, run.sync);
  const stateBlob = await requireState(blobs, run.sync, state);
  const prefix = blobName('runs', run.id, 'plan', attemptName());
  const { sync } = run.definition;
  const mapping = compileMapping(sync, snapshot.columns);
  const plan = await heartbeating(
    () => ({}),
    () =>
      withScratch(duckdb, (scratch) =>
        makePlan({
          snapshot,
          state: stateBlob,
          runNumber: run.number,
          resendUnchanged: run.full,
          append: sync.behavior === 'append',
          removal: compileRemoval(sync, mapping)?.digest ?? null,
          prefix,
          blobs,
          duckdb,
          scratch,
          maxSamples: MAX_SAMPLES,
          bytesPerRow: fixedBytes(mapping),
        }),
      ),
  );
  const { counts, samples } = plan.invalid;
  await writeFaults(ledger.db, run.id, {
    kind: 'invalid',
    page: PLAN_PAGE,
    counts,
    samples: samples.map((sample, position) => ({ ...sample, position, column: null })),
  });
  const { invalid } = sync.limits;
  if (exceeds(invalid, plan.rows.invalid, plan.rows.read)) {
    throw new BackhaulError(
      'too_many_invalid',
      `${plan.rows.invalid} of ${plan.rows.read} rows, limit ${invalid}`,
    );
  }
  requireFewRemovals(run.sync, plan.removals);
  const warnings = heldBackWarnings(plan);
  await addWarnings(ledger.db, run.id, warnings);
  const recorded = await recordPlan(
    ledger.db,
    run.id,
    {
      prefix,
      pages: plan.pages,
      planned: plan.planned,
      state: stateBlob,
      generation: state?.generation ?? 1,
      returned: plan.returned,
      invalid: plan.invalid.blob,
      ...(warnings.length === 0 ? {} : { warnings }),
    },
    plan.rows,
  );
  if (recorded.plan === null) throw new BackhaulError('ledger_unreachable', `plan of run ${run.id}`);
  return resultOf(recorded.plan, recorded.rows);
}

const resultOf = ({ pages, planned, warnings }: PlanReference, rows: RowCounts): PaginateResult => ({
  pages,
  planned,
  rows,
  ...(warnings === undefined ? {} : { warnings }),
});
