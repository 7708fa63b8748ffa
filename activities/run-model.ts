import { beginState } from '../ledger/states.ts';
import { addWarnings, recordSnapshot, requireOpen } from '../ledger/runs.ts';
import { selectionOf } from '../ledger/selections.ts';
import { refuseUnknownExclusions } from '../mapping/choose-traits.ts';
import { compileMapping } from '../mapping/compile.ts';
import { reservedTraitWarnings } from '../mapping/reserved-traits.ts';
import { openSource } from '../sources/open.ts';
import { askingOutside } from '../telemetry/span.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { RunMode } from '../vocabulary/run.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { compareWith } from './compare-with.ts';
import { chooseMode } from './mode.ts';
import { narrowModel } from './narrow-model.ts';
import { progressMarker } from './progress-marker.ts';
import { requireState } from './require-state.ts';
import { resolveModel, resolveWarehouse } from './resolve-ends.ts';
import { checkIdentity, identityOf } from './state-identity.ts';
import { cancelOfRun } from './until-given-up.ts';
import { readSnapshot, type Reading } from './read-snapshot.ts';

export interface RunModelResult {
  rows: number;
  parts: number;
  bytes: number;
  mode: RunMode;
  modeReason: string;
  /** Of reserved traits; absent in what older versions recorded. */
  warnings?: string[];
}

/**
 * Query → snapshot: one read of the warehouse, in one consistent result. What an earlier attempt recorded stands; where the
 * warehouse keeps results, what an earlier attempt read stands too, and the read goes on behind it.
 */
export async function runModel(dependencies: Dependencies, input: { run: string }): Promise<RunModelResult> {
  const { ledger, allowedEndpoints, duckdb } = dependencies;
  const run = await requireOpen(ledger.db, input.run);
  const { definition } = run;
  const onProgress = progressMarker(dependencies, run.id);
  const source = await openSource(
    definition.model.connection,
    await resolveWarehouse(dependencies, definition.model.connection, definition.source),
    { signal: cancelOfRun(), allowedEndpoints, scratch: duckdb.scratch, onProgress },
  );
  const progress = { bytes: 0 };
  try {
    return await heartbeating(
      () => progress,
      () => readInto(dependencies, { run, source, progress, onProgress }),
    );
  } finally {
    await source.close();
  }
}

async function readInto(
  dependencies: Dependencies,
  reading: Pick<Reading, 'run' | 'source' | 'progress' | 'onProgress'>,
): Promise<RunModelResult> {
  const { run, source } = reading;
  const { blobs, ledger } = dependencies;
  const { sync, model } = run.definition;
  const isAppend = sync.behavior === 'append';
  const resolved = resolveModel(sync.model, model);
  const asked = { 'backhaul.source': run.definition.source.type };
  const described = await askingOutside('warehouse describe', asked, () => source.describe(resolved));
  const narrowed = await narrowModel(dependencies, run, source, resolved);
  refuseUnknownExclusions(sync, described);
  const mapping = compileMapping(sync, described);
  const warnings = reservedTraitWarnings(mapping);
  await addWarnings(ledger.db, run.id, warnings);
  const identity = await identityOf(dependencies, run.definition, mapping);
  const state = await beginState(ledger.db, run.sync, identity);
  checkIdentity(run.sync, state.identity, identity);
  await requireState(blobs, run.sync, state);
  const selection = await selectionOf(ledger.db, run);
  const { earlier, ...chosen } = chooseMode({ ...run, selection }, sync, described, state, mapping);
  const carried = compareWith(earlier, mapping.columns, described);
  const taken = await askingOutside('warehouse read', asked, async (add) => {
    const snapshot = await readSnapshot(dependencies, { ...reading, model: narrowed, mapping, carried });
    add({ 'backhaul.rows': snapshot.rows, 'backhaul.bytes': snapshot.bytes });
    return snapshot;
  });
  // What left the model means nothing to events: a window of them may be empty. So does what a condition leaves out.
  const mayBeEmpty = isAppend || narrowed !== resolved;
  if (taken.rows === 0 && !mayBeEmpty && state.liveEntries > 0 && sync.limits.emptyResult === 'fail') {
    throw new BackhaulError('empty_result', `model ${sync.model}, ${state.liveEntries} users in the state`);
  }
  const { rows, segments, columns, takenAt, bytes } = taken;
  await recordSnapshot(
    ledger.db,
    run.id,
    {
      segments,
      rows,
      columns,
      takenAt,
      mappingDigest: mapping.digest,
      known: described.map(({ name }) => name),
      ...(carried !== null && { earlier: carried.fingerprints.length }),
      ...(chosen.approval !== null && { approval: chosen.approval }),
    },
    chosen.mode,
    chosen.modeReason,
  );
  await taken.done();
  const parts = segments.reduce((sum, segment) => sum + segment.parts, 0);
  return { rows, parts, bytes, mode: chosen.mode, modeReason: chosen.modeReason, warnings };
}
