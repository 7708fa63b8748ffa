import { unanswered } from '../ledger/approvals.ts';
import { MAX_SAMPLES, PLAN_PAGE, writeFaults } from '../ledger/faults.ts';
import type { ApprovalRecord, PlanReference } from '../ledger/run-record.ts';
import { addWarnings, recordPlan, requireOpen, type RunRecord } from '../ledger/runs.ts';
import { readState, type StatePointer } from '../ledger/states.ts';
import { compileMapping } from '../mapping/compile.ts';
import { fixedBytes } from '../mapping/message.ts';
import { makePlan, type Plan } from '../snapshot/plan.ts';
import { exceeds } from '../definitions/limit.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import type { RowCounts } from '../vocabulary/run.ts';
import { approvalReasons } from './approval-reasons.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { heldBackWarnings, planRules } from './removals.ts';
import { withScratch } from './scratch.ts';
import { requireState } from './require-state.ts';

export interface PaginateResult {
  pages: number;
  planned: number;
  rows: RowCounts;
  /** Of removals that were held back; absent: there are none. */
  warnings?: string[];
  /** Why a person has to approve the plan; absent: nobody has to, and nothing that mapping finds can change that. */
  approval?: string[];
}

/** Snapshot against state: the plan, and its pages at rest. What an earlier attempt recorded stands. */
export async function paginate(dependencies: Dependencies, input: { run: string }): Promise<PaginateResult> {
  const { blobs, duckdb, ledger } = dependencies;
  const run = await requireOpen(ledger.db, input.run);
  const { snapshot } = run;
  if (snapshot === null) throw new BackhaulError('snapshot_missing', `run ${run.id}`);
  if (run.plan !== null) return resultOf(run.plan, run);

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
          ...planRules(sync, mapping),
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
      ...(plan.removals.planned === 0 ? {} : { removals: plan.removals.planned }),
      ...(warnings.length === 0 ? {} : { warnings }),
    },
    plan.rows,
    approvalOf(run, plan, state),
  );
  if (recorded.plan === null) throw new BackhaulError('ledger_unreachable', `plan of run ${run.id}`);
  return resultOf(recorded.plan, recorded);
}

/** How many rows are invalid is known when all are mapped: a sync that watches it has all mapped before it sends. */
function approvalOf(
  { definition, review }: RunRecord,
  plan: Plan,
  state: StatePointer | undefined,
): ApprovalRecord | null {
  const { approvalAbove: above = {} } = definition.sync;
  const reasons = approvalReasons({ ...plan, review, users: state?.liveEntries ?? 0, above });
  return reasons.length > 0 || above.invalid !== undefined ? unanswered(reasons) : null;
}

const resultOf = (
  { pages, planned, warnings }: PlanReference,
  { approval, rows }: Pick<RunRecord, 'approval' | 'rows'>,
): PaginateResult => ({
  pages,
  planned,
  rows,
  ...(warnings === undefined ? {} : { warnings }),
  ...(approval === null ? {} : { approval: approval.reasons }),
});
