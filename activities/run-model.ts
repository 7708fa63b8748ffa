import { Context } from '@temporalio/activity';
import { beginState } from '../ledger/states.ts';
import { markReadProgress, recordSnapshot, requireOpen, type RunRecord } from '../ledger/runs.ts';
import type { StateIdentity } from '../ledger/state-record.ts';
import { compileMapping } from '../mapping/compile.ts';
import { writeKeyDigest } from '../segment/write-key-digest.ts';
import { takeSnapshot } from '../snapshot/take-snapshot.ts';
import { openSource } from '../sources/open.ts';
import type { Source } from '../sources/source.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import type { RunMode } from '../vocabulary/run.ts';
import { MAX_VALUE_BYTES } from '../vocabulary/spool.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { chooseMode } from './mode.ts';
import { requireState } from './require-state.ts';
import { resolveModel, resolveSegment, resolveWarehouse } from './resolve-ends.ts';
import { withScratch } from './scratch.ts';

export interface RunModelResult {
  rows: number;
  parts: number;
  bytes: number;
  mode: RunMode;
  modeReason: string;
}

const PROGRESS_INTERVAL_MS = 5000;

/** Query → snapshot: one read of the warehouse, in one consistent result. What an earlier attempt recorded stands. */
export async function runModel(dependencies: Dependencies, input: { run: string }): Promise<RunModelResult> {
  const { ledger, env } = dependencies;
  const run = await requireOpen(ledger.db, input.run);
  const { definition } = run;
  const source = await openSource(
    definition.model.connection,
    resolveWarehouse(definition.model.connection, definition.source, env),
    { signal: Context.current().cancellationSignal, allowedEndpoints: dependencies.allowedEndpoints },
  );
  const progress = { bytes: 0 };
  try {
    return await heartbeating(
      () => progress,
      () => readInto(dependencies, run, source, progress),
    );
  } finally {
    await source.close();
  }
}

async function readInto(
  dependencies: Dependencies,
  run: RunRecord,
  source: Source,
  progress: { bytes: number },
): Promise<RunModelResult> {
  const { blobs, duckdb, ledger } = dependencies;
  const { sync, model } = run.definition;
  const resolved = resolveModel(sync.model, model);
  const mapping = compileMapping(sync, await source.describe(resolved));
  const state = await beginState(ledger.db, run.sync, identityOf(dependencies, run, mapping.keyColumn));
  checkIdentity(run.sync, state.identity, identityOf(dependencies, run, mapping.keyColumn));
  await requireState(blobs, run.sync, state);
  const chosen = chooseMode(run, state, mapping);

  const takenAt = new Date().toISOString();
  const { columns, pieces } = await source.read(
    resolved,
    mapping.columns.map((column) => column.name),
    { maxValueBytes: MAX_VALUE_BYTES, id: run.id, from: null },
  );
  const prefix = blobName('runs', run.id, 'snapshot', attemptName());
  let markedAt = Date.now();
  const taken = await withScratch(duckdb, (scratch) =>
    takeSnapshot({
      spool: pieces,
      digest: mapping.digest,
      prefix,
      blobs,
      duckdb,
      scratch,
      onBytes(bytes) {
        progress.bytes += bytes;
        if (Date.now() - markedAt < PROGRESS_INTERVAL_MS) return;
        markedAt = Date.now();
        // Only the limit noProgress reads it, and the next mark follows soon.
        markReadProgress(ledger.db, run.id).catch(() => undefined);
      },
    }),
  );
  if (taken.rows === 0 && state.liveEntries > 0 && sync.limits.emptyResult === 'fail') {
    throw new BackhaulError('empty_result', `model ${sync.model}, ${state.liveEntries} users in the state`);
  }
  await recordSnapshot(
    ledger.db,
    run.id,
    { prefix, parts: taken.parts, rows: taken.rows, columns, takenAt, mappingDigest: mapping.digest },
    chosen.mode,
    chosen.modeReason,
  );
  return { rows: taken.rows, parts: taken.parts, bytes: taken.bytes, ...chosen };
}

function identityOf(
  { env }: Dependencies,
  { definition: { sync, destination } }: RunRecord,
  key: { name: string; kind: string },
): StateIdentity {
  return {
    writeKeyDigest: writeKeyDigest(resolveSegment(sync.destination, destination, env).writeKey),
    object: sync.object,
    keyColumn: key.name,
    keyTo: sync.key.to,
    keyKind: key.kind,
  };
}

function checkIdentity(sync: string, was: StateIdentity, now: StateIdentity): void {
  if (was.keyKind !== now.keyKind) {
    throw new BackhaulError('key_type_changed', `sync ${sync}: was ${was.keyKind}, is ${now.keyKind}`);
  }
  const changed = [
    was.writeKeyDigest === now.writeKeyDigest ? [] : ['the write key'],
    was.object === now.object ? [] : [`object was ${was.object}`],
    was.keyColumn === now.keyColumn ? [] : [`key.from was ${was.keyColumn}`],
    was.keyTo === now.keyTo ? [] : [`key.to was ${was.keyTo}`],
  ].flat();
  if (changed.length > 0)
    throw new BackhaulError('destination_changed', `sync ${sync}: ${changed.join(', ')}`);
}
