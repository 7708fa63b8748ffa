import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { exceeds } from '../definitions/limit.ts';
import { nextRun, type NextRun } from '../ledger/next-run.ts';
import { pinDefinition } from '../ledger/pin-definition.ts';
import type { PinnedDefinition } from '../ledger/run-record.ts';
import { readState, type StatePointer } from '../ledger/states.ts';
import { refuseUnknownExclusions } from '../mapping/choose-traits.ts';
import { compileMapping, type CompiledMapping } from '../mapping/compile.ts';
import { fixedBytes } from '../mapping/message.ts';
import { messageIds } from '../mapping/message-id.ts';
import { batchLimits } from '../segment/batch.ts';
import { writeKeyDigest } from '../segment/write-key-digest.ts';
import { columnFacts } from '../snapshot/column-facts.ts';
import { pageName } from '../snapshot/pages.ts';
import { makePlan, type Plan } from '../snapshot/plan.ts';
import type { Snapshot } from '../snapshot/take-snapshot.ts';
import { openSource } from '../sources/open.ts';
import { BackhaulError, type ErrorView } from '../vocabulary/backhaul-error.ts';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import type { Recap } from '../vocabulary/recap.ts';
import { approvalReasons } from './approval-reasons.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { compareWith } from './compare-with.ts';
import { collectInvalid, type CollectedInvalid } from './collect-invalid.ts';
import { mapPage, pageMapping, type PageMapping } from './map-page.ts';
import { chooseMode, type ChosenMode } from './mode.ts';
import { readForRecap, releaseForRecap } from './recap-reading.ts';
import { recapDocument, SAMPLE_ROWS } from './recap-document.ts';
import { recapPages, type PagesRecap } from './recap-pages.ts';
import { requireState } from './require-state.ts';
import { heldBackWarnings, planRules } from './removals.ts';
import { resolveModel, resolveSegment, resolveWarehouse } from './resolve-ends.ts';
import { withScratch } from './scratch.ts';
import { putShortLived, removeExpired } from './short-lived.ts';
import { checkIdentity, identityOf } from './state-identity.ts';
import { cancelOfRun } from './until-given-up.ts';

export interface RecapSyncInput {
  sync: string;
  /** Names the read at the warehouse. */
  id: string;
  /** Where what it needs on its way rests. */
  folder: BlobName;
  /** Of the check of both ends. */
  warnings: string[];
}

/** What a run knows and a recap does not: its id and its times. As long as what will stand there. */
const UNKNOWN_RUN = '00000000-0000-0000-0000-000000000000';
const UNKNOWN_TIME = 'YYYY-MM-DDTHH:MM:SS.mmmZ';
const UNKNOWN_ID = '0'.repeat(64);

/**
 * What the next run of a sync would do, as a short-lived blob: reads, plans and maps as the run does, and writes nothing that a run
 * could see. The same for the same rows, state and definitions.
 */
export async function recapSync(
  dependencies: Dependencies,
  input: RecapSyncInput,
): Promise<{ blob: BlobName }> {
  const { blobs } = dependencies;
  const progress = { bytes: 0 };
  return heartbeating(
    () => progress,
    async () => {
      await removeExpired(blobs);
      // An earlier attempt may have left its query.
      await releaseForRecap(dependencies, input.folder);
      const recap = await makeRecap(dependencies, input, progress);
      return { blob: await putShortLived(blobs, recap) };
    },
  );
}

async function makeRecap(
  dependencies: Dependencies,
  { folder, id, sync: name, warnings }: RecapSyncInput,
  progress: { bytes: number },
): Promise<Recap> {
  const { blobs, duckdb, ledger, product } = dependencies;
  const definition = await pinDefinition(ledger.db, name);
  const { sync } = definition;
  const prefix = blobName(folder, attemptName());
  const read = await readModel(dependencies, { name, definition, folder, id, prefix, progress });
  const { chosen, mapping, snapshot, state } = read;
  const adopts = chosen.mode === 'adopt';
  const next = await nextRun(ledger.db, name);
  const run = { id: UNKNOWN_RUN, sync: name, startedAt: UNKNOWN_TIME };
  const connection = await resolveSegment(dependencies, sync.destination, definition.destination);
  const [plan, facts] = await withScratch(duckdb, async (scratch) => [
    await makePlan({
      snapshot,
      state: await requireState(blobs, name, state),
      runNumber: next.number,
      resendUnchanged: false,
      adopts,
      ...planRules(sync, mapping, !adopts),
      sorted: true,
      prefix,
      blobs,
      duckdb,
      scratch: `${scratch}/plan`,
      maxSamples: SAMPLE_ROWS,
      bytesPerRow: fixedBytes(mapping),
    }),
    await columnFacts({
      snapshot,
      columns: mapping.columns.length,
      sampleRows: SAMPLE_ROWS,
      blobs,
      duckdb,
      scratch: `${scratch}/facts`,
    }),
  ]);
  const byPage = pageMapping(sync, mapping, {
    options: { timestamp: UNKNOWN_TIME, product, run },
    idsOf: (kind) =>
      state === undefined
        ? () => UNKNOWN_ID
        : messageIds({
            stateId: state.id,
            generation: state.generation,
            writeKeyDigest: writeKeyDigest(connection.writeKey),
            kind,
          }),
    limits: batchLimits(connection),
  });
  const mapped = await mapAll(blobs, prefix, { plan, adopts }, byPage);
  const rows = mapped.invalid.rows();
  return recapDocument({
    run,
    mode: chosen.mode,
    modeReason: chosen.modeReason,
    rows,
    invalid: mapped.invalid.summary(),
    mapping,
    state,
    facts,
    pages: mapped.pages,
    eventsPerSecond: connection.eventsPerSecond,
    reasons: adopts
      ? []
      : approvalReasons({
          review: false,
          mode: chosen.approval,
          rows,
          planned: plan.planned,
          removals: plan.removals,
          users: state?.liveEntries ?? 0,
          above: sync.approvalAbove ?? {},
        }),
    error: failureOf(definition, rows, state),
    warnings: [...warnings, ...heldBackWarnings(plan), ...unsettledWarnings(next)],
  });
}

interface ReadModel {
  mapping: CompiledMapping;
  state: StatePointer | undefined;
  chosen: ChosenMode;
  snapshot: Snapshot;
}

async function readModel(
  dependencies: Dependencies,
  options: {
    name: string;
    definition: PinnedDefinition;
    folder: BlobName;
    id: string;
    prefix: BlobName;
    progress: { bytes: number };
  },
): Promise<ReadModel> {
  const { allowedEndpoints, duckdb } = dependencies;
  const { definition } = options;
  const { model, source: connection, sync } = definition;
  const source = await openSource(
    model.connection,
    await resolveWarehouse(dependencies, model.connection, connection),
    { signal: cancelOfRun(), allowedEndpoints, scratch: duckdb.scratch },
  );
  try {
    const resolved = resolveModel(sync.model, model);
    const described = await source.describe(resolved);
    refuseUnknownExclusions(sync, described);
    const mapping = compileMapping(sync, described);
    const state = await stateOf(dependencies, options.name, definition, mapping);
    const chosen = chooseMode({ full: false }, sync, described, state, mapping);
    const carried = compareWith(chosen.earlier, mapping.columns, described);
    const reading = { ...options, mapping, carried, model: resolved, source };
    return { mapping, state, chosen, snapshot: await readForRecap(dependencies, reading) };
  } finally {
    await source.close();
  }
}

/** The state that the next run builds on. As long as Segment took nothing it may yet become another one's. */
async function stateOf(
  dependencies: Dependencies,
  name: string,
  definition: PinnedDefinition,
  mapping: CompiledMapping,
): Promise<StatePointer | undefined> {
  const state = await readState(dependencies.ledger.db, name);
  const identity = await identityOf(dependencies, definition, mapping);
  if (state !== undefined && state.blob !== null) checkIdentity(name, state.identity, identity);
  return state;
}

/** One page after the other: memory is bounded by the page. Of what is adopted nothing is sent, so it counts for nothing. */
async function mapAll(
  blobs: Dependencies['blobs'],
  prefix: BlobName,
  { adopts, plan }: { plan: Plan; adopts: boolean },
  mapping: PageMapping,
): Promise<{ pages: PagesRecap; invalid: CollectedInvalid }> {
  const pages = recapPages(plan.rows, { keyParts: mapping.keyParts, removals: plan.removals.planned });
  const invalid = collectInvalid(plan);
  for (let page = 0; page < plan.pages; page++) {
    if (Context.current().cancellationSignal.aborted) throw new CancelledFailure('cancelled');
    const rows = await blobs.get(pageName(prefix, page));
    const mapped = await mapPage(mapping, page, rows);
    invalid.add(mapped.invalid);
    if (adopts) continue;
    pages.add({ rows, batches: mapped.batches.blob, invalid: new Set(mapped.invalid.map(({ key }) => key)) });
  }
  return { pages, invalid };
}

/** What a run that found these rows would end with. */
function failureOf(
  { sync }: PinnedDefinition,
  rows: Recap['rows'],
  state: StatePointer | undefined,
): ErrorView | null {
  const { emptyResult, invalid } = sync.limits;
  const users = state?.liveEntries ?? 0;
  if (rows.read === 0 && users > 0 && sync.behavior !== 'append' && emptyResult === 'fail') {
    return new BackhaulError('empty_result', `model ${sync.model}, ${users} users in the state`).view();
  }
  if (exceeds(invalid, rows.invalid, rows.read)) {
    const where = `${rows.invalid} of ${rows.read} rows, limit ${invalid}`;
    return new BackhaulError('too_many_invalid', where).view();
  }
  return null;
}

const unsettledWarnings = ({ unsettled }: NextRun): string[] =>
  unsettled.length === 0
    ? []
    : [
        `run ${unsettled.join(', ')} is not in the state yet: what it has sent is shown as if it were to be sent`,
      ];
