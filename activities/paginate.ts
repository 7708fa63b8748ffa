import { join } from 'node:path';
import { unanswered } from '../ledger/approvals.ts';
import { MAX_SAMPLES, PLAN_PAGE, writeFaults } from '../ledger/faults.ts';
import type { ApprovalRecord } from '../ledger/run-record.ts';
import { recordPlan, requireOpen, type RunRecord } from '../ledger/runs.ts';
import { selectionOf } from '../ledger/selections.ts';
import { readState, type StatePointer } from '../ledger/states.ts';
import { compileMapping } from '../mapping/compile.ts';
import { fixedBytes } from '../mapping/message.ts';
import { makePlan } from '../snapshot/plan.ts';
import { writeSelectedKeys } from '../snapshot/selected-keys.ts';
import { exceeds } from '../definitions/limit.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import { approvalReasons } from './approval-reasons.ts';
import { rowsTaken, type RowCounts } from '../vocabulary/run.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { withScratch } from './scratch.ts';
import { requireState } from './require-state.ts';
import { selectedKeys } from './selected-keys.ts';

export interface PaginateResult {
  pages: number;
  planned: number;
  rows: RowCounts;
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
  const adopts = run.mode === 'adopt';

  const state = await readState(ledger.db, run.sync);
  const stateBlob = await requireState(blobs, run.sync, state);
  const prefix = blobName('runs', run.id, 'plan', attemptName());
  const selection = await selectionOf(ledger.db, run);
  const selected = selection === null ? null : blobName(prefix, 'selected');
  const plan = await heartbeating(
    () => ({}),
    () =>
      withScratch(duckdb, async (scratch) => {
        if (selection !== null && selected !== null) {
          // Kept beside the plan: what it was made from may be purged before the state follows from it.
          const file = join(scratch, 'selected-keys');
          await writeSelectedKeys(selectedKeys(dependencies, selection), file);
          await blobs.adopt(file, selected);
        }
        return makePlan({
          snapshot,
          state: stateBlob,
          runNumber: run.number,
          resendUnchanged: run.full || (selection?.resend ?? false),
          selected,
          adopts,
          prefix,
          blobs,
          duckdb,
          scratch,
          maxSamples: MAX_SAMPLES,
          bytesPerRow: fixedBytes(compileMapping(run.definition.sync, snapshot.columns)),
        });
      }),
  );
  const { counts, samples } = plan.invalid;
  await writeFaults(ledger.db, run.id, {
    kind: 'invalid',
    page: PLAN_PAGE,
    counts,
    samples: samples.map((sample, position) => ({ ...sample, position, column: null })),
  });
  const { invalid } = run.definition.sync.limits;
  const taken = rowsTaken(plan.rows);
  if (exceeds(invalid, plan.rows.invalid, taken)) {
    throw new BackhaulError('too_many_invalid', `${plan.rows.invalid} of ${taken} rows, limit ${invalid}`);
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
      selected,
    },
    plan.rows,
    adopts ? 0 : plan.planned,
    adopts ? null : approvalOf(run, plan, state),
  );
  if (recorded.plan === null) throw new BackhaulError('ledger_unreachable', `plan of run ${run.id}`);
  return resultOf(recorded.plan, recorded);
}

/** How many rows are invalid is known when all are mapped: a sync that watches it has all mapped before it sends. */
function approvalOf(
  { definition, review, snapshot }: RunRecord,
  plan: { rows: RowCounts; planned: number },
  state: StatePointer | undefined,
): ApprovalRecord | null {
  const { approvalAbove: above = {} } = definition.sync;
  const mode = snapshot?.approval ?? null;
  const reasons = approvalReasons({ ...plan, review, mode, users: state?.liveEntries ?? 0, above });
  return reasons.length > 0 || above.invalid !== undefined ? unanswered(reasons) : null;
}

const resultOf = (
  plan: { pages: number },
  { approval, messages, rows }: Pick<RunRecord, 'approval' | 'messages' | 'rows'>,
): PaginateResult => ({
  pages: plan.pages,
  planned: messages.planned,
  rows,
  ...(approval === null ? {} : { approval: approval.reasons }),
});
