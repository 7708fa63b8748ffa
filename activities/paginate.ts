import { MAX_SAMPLES, PLAN_PAGE, writeFaults } from '../ledger/faults.ts';
import { recordPlan, requireOpen, type RunRecord } from '../ledger/runs.ts';
import { readState } from '../ledger/states.ts';
import { compileMapping } from '../mapping/compile.ts';
import { fixedBytes } from '../mapping/message.ts';
import { makePlan } from '../snapshot/plan.ts';
import { exceeds } from '../definitions/limit.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import type { RowCounts } from '../vocabulary/run.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { withScratch } from './scratch.ts';
import { requireState } from './require-state.ts';

export interface PaginateResult {
  pages: number;
  planned: number;
  rows: RowCounts;
}

/** Snapshot against state: the plan, and its pages at rest. What an earlier attempt recorded stands. */
export async function paginate(dependencies: Dependencies, input: { run: string }): Promise<PaginateResult> {
  const { blobs, duckdb, ledger } = dependencies;
  const run = await requireOpen(ledger.db, input.run);
  const { snapshot } = run;
  if (snapshot === null) throw new BackhaulError('snapshot_missing', `run ${run.id}`);
  if (run.plan !== null) return resultOf(run.plan, run);
  const adopts = run.mode === 'adopt';

  const state = await readState(ledger.db, run.sync);
  const stateBlob = await requireState(blobs, run.sync, state);
  const prefix = blobName('runs', run.id, 'plan', attemptName());
  const plan = await heartbeating(
    () => ({}),
    () =>
      withScratch(duckdb, (scratch) =>
        makePlan({
          snapshot,
          state: stateBlob,
          runNumber: run.number,
          resendUnchanged: run.full,
          adopts,
          prefix,
          blobs,
          duckdb,
          scratch,
          maxSamples: MAX_SAMPLES,
          bytesPerRow: fixedBytes(compileMapping(run.definition.sync, snapshot.columns)),
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
  const { invalid } = run.definition.sync.limits;
  if (exceeds(invalid, plan.rows.invalid, plan.rows.read)) {
    throw new BackhaulError(
      'too_many_invalid',
      `${plan.rows.invalid} of ${plan.rows.read} rows, limit ${invalid}`,
    );
  }
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
      ...(plan.carried > 0 && { carried: plan.carried }),
      invalid: plan.invalid.blob,
    },
    plan.rows,
    adopts ? 0 : plan.planned,
  );
  if (recorded.plan === null) throw new BackhaulError('ledger_unreachable', `plan of run ${run.id}`);
  return resultOf(recorded.plan, recorded);
}

const resultOf = (
  plan: { pages: number },
  { messages, rows }: Pick<RunRecord, 'messages' | 'rows'>,
): PaginateResult => ({
  pages: plan.pages,
  planned: messages.planned,
  rows,
});
