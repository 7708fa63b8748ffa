import { durationMs } from '../definitions/duration.ts';
import { openRun as openInLedger } from '../ledger/open-run.ts';
import { listRuns, runUrl } from '../ledger/list-runs.ts';
import type { Adoption } from '../ledger/run-arguments.ts';
import { isWatched } from '../ledger/alerts.ts';
import { followersOf } from '../ledger/followers.ts';
import { readRun } from '../ledger/runs.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { syncName } from '../vocabulary/ids.ts';
import { syncWorkflowId } from '../vocabulary/installation.ts';
import type { Run } from '../vocabulary/run.ts';
import type { Dependencies } from './dependencies.ts';

export interface OpenRunInput {
  run: string;
  workflowId: string;
  sync: string;
  full: boolean;
  review: boolean;
  /** @default null */
  adopt?: Adoption | null;
  idempotencyKey: string | null;
  /** What the run is restricted to: an id of the ledger. */
  selection?: string | null;
}

export type OpenRunResult =
  | {
      kind: 'opened';
      number: number;
      /** Earlier runs that have to be settled first, after `waitMs`. */
      settle: string[];
      waitMs: number;
      lanes: number;
      runtimeMs: number;
      noProgressMs: number;
      searchAttributes: boolean;
      installation: string;
      /** Whether Segment can be asked afterwards what came in. */
      reconciles?: boolean;
      /** How long it may wait for an approval; absent: for ever. */
      approvalExpiresMs?: number | undefined;
      /** Whether other syncs start when it has completed, unless `recordResult` says it anew. */
      followed?: boolean;
      /** Whether its steps go to the task queues of roles. Absent: all are done by any worker. */
      roles?: boolean;
      /** Whether it is written back when it has ended. */
      writeback?: boolean;
      /** Whether alerts are to be told of it when it has ended. */
      alerts?: boolean;
      url: string | null;
    }
  /** The idempotency key gave this run already. */
  | { kind: 'existing'; run: Run };

/** Opens a run in the ledger and supersedes the earlier ones of its sync. Idempotent. */
export async function openRun(dependencies: Dependencies, input: OpenRunInput): Promise<OpenRunResult> {
  const { installation, ledger, links, searchAttributes } = dependencies;
  const expected = syncWorkflowId(installation, syncName(input.sync));
  if (input.workflowId !== expected) {
    throw new BackhaulError('workflow_id_mismatch', `started as ${input.workflowId}, has to be ${expected}`);
  }
  if (input.idempotencyKey?.trim() === '') throw new BackhaulError('usage', 'the idempotency key is empty');
  if (input.adopt != null && input.full)
    throw new BackhaulError('usage', 'an adoption sends nothing: not full');
  const opened = await openInLedger(ledger.db, { ...input, id: input.run });
  if (opened.kind === 'existing') {
    const [listed] = await listRuns(ledger.db, { id: opened.run }, links);
    if (listed === undefined) throw new BackhaulError('run_not_found', opened.run);
    return { kind: 'existing', run: listed.run };
  }
  const { definition } = await readRun(ledger.db, input.run);
  return {
    ...opened,
    lanes: definition.sync.lanes,
    runtimeMs: durationMs(definition.sync.limits.runtime),
    noProgressMs: durationMs(definition.sync.limits.noProgress),
    searchAttributes,
    installation,
    ...(definition.sync.approvalExpires !== undefined && {
      approvalExpiresMs: durationMs(definition.sync.approvalExpires),
    }),
    ...('token' in definition.destination && { reconciles: true }),
    ...(dependencies.servesRoles?.() === true && { roles: true }),
    ...((await followersOf(ledger.db, input.sync)).size > 0 && { followed: true }),
    ...(definition.sync.writeback !== undefined && { writeback: true }),
    ...((await isWatched(ledger.db, input.sync)) && { alerts: true }),
    url: runUrl(links, input.workflowId, input.run),
  };
}
