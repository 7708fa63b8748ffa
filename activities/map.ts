import { setImmediate as letOthersRun } from 'node:timers/promises';
import { writeFaults, MAX_SAMPLES, type FaultSample } from '../ledger/faults.ts';
import { invalidOf, readMappedPage, writeMappedPage, type MappedPage } from '../ledger/pages.ts';
import { requireOpen, type RunRecord } from '../ledger/runs.ts';
import { objects } from '../definitions/objects.ts';
import { compileMapping } from '../mapping/compile.ts';
import { keyText } from '../mapping/key.ts';
import { messageWriter } from '../mapping/message.ts';
import { messageIds } from '../mapping/message-id.ts';
import { compileRemoval } from '../mapping/removal.ts';
import { batchLimits, packBatches } from '../segment/batch.ts';
import { writeKeyDigest } from '../segment/write-key-digest.ts';
import { indexLine, pageName, readPage, type Change } from '../snapshot/pages.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import { spooledKey } from '../vocabulary/row-key.ts';
import { attemptName } from './attempt-name.ts';
import { batchesWriter } from '../vocabulary/batches-at-rest.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { requireSameSource } from './require-same-source.ts';
import { resolveSegment } from './resolve-ends.ts';
import { writeInvalidRows, type InvalidRow } from './invalid-at-rest.ts';

export interface MapResult {
  messages: number;
  batches: number;
  invalid: number;
}

/** A page's rows → batches at rest and invalid rows. What an earlier attempt recorded stands. */
export async function map(
  dependencies: Dependencies,
  input: { run: string; page: number },
): Promise<MapResult> {
  const { blobs, ledger } = dependencies;
  const run = await requireOpen(ledger.db, input.run);
  const earlier = await readMappedPage(ledger.db, run.id, input.page);
  if (earlier !== undefined) return resultOf(earlier);
  if (run.plan === null) throw new BackhaulError('snapshot_missing', `run ${run.id}`);
  const { plan } = run;

  return heartbeating(
    () => ({}),
    async () => {
      const rows = await blobs.get(pageName(plan.prefix, input.page));
      const mapped = await mapRows(dependencies, run, input.page, rows);
      const folder = blobName('runs', run.id, 'mapped', `page-${input.page}`, attemptName());
      const names = { batches: blobName(folder, 'batches'), index: blobName(folder, 'index') };
      await Promise.all([
        blobs.put(names.batches, mapped.batches.blob),
        blobs.put(names.index, mapped.index),
        writeInvalidRows(blobs, folder, mapped.invalid),
      ]);
      // Before the page itself, which a further attempt would take for done.
      await recordInvalid(dependencies, run, input.page, mapped.invalid);
      const page = await writeMappedPage(ledger.db, run.id, {
        page: input.page,
        ...names,
        messages: mapped.messages,
        batch_count: mapped.batches.count,
        invalid_added: countOf(mapped.invalid, 'added'),
        invalid_changed: countOf(mapped.invalid, 'changed'),
        invalid_unchanged: countOf(mapped.invalid, 'unchanged'),
        invalid_removed: countOf(mapped.invalid, 'removed'),
      });
      return resultOf(page);
    },
  );
}

/** Mapping is all computing: so often it lets the batches of other lanes, heartbeats and timers have their turn. */
const STRETCH_MS = 20;

interface MappedRows {
  messages: number;
  batches: { blob: Buffer; count: number };
  index: string;
  invalid: InvalidRow[];
}

async function mapRows(
  dependencies: Dependencies,
  run: RunRecord,
  page: number,
  rows: Buffer,
): Promise<MappedRows> {
  const { ledger, product } = dependencies;
  const { snapshot, definition, plan } = run;
  if (snapshot === null || plan === null) throw new BackhaulError('snapshot_missing', `run ${run.id}`);
  const connection = await resolveSegment(dependencies, definition.sync.destination, definition.destination);
  const compiled = compileMapping(definition.sync, snapshot.columns);
  const { id, sync, startedAt } = run;
  const options = { timestamp: snapshot.takenAt, product, run: { id, sync, startedAt } };
  const write = messageWriter(compiled, options);
  const removal = compileRemoval(definition.sync, compiled);
  const writeRemoval = removal === null ? write : messageWriter(removal.mapping, options);
  const state = await requireSameSource(ledger.db, run, connection.writeKey);
  const idOf = messageIds({
    stateId: state.id,
    generation: state.generation,
    writeKeyDigest: writeKeyDigest(connection.writeKey),
    kind: objects[compiled.object].call,
  });

  const isEvent = compiled.object === 'event';
  const messages = batchesWriter();
  const sizes: number[] = [];
  const index: string[] = [];
  const invalid: InvalidRow[] = [];
  let stretchBegan = performance.now();
  for (const row of readPage(rows)) {
    // Not by rows: a template may take long for each.
    if (performance.now() - stretchBegan > STRETCH_MS) {
      await letOthersRun();
      stretchBegan = performance.now();
    }
    const isRemoved = row.change === 'removed';
    const spooled = spooledKey(row.values, isRemoved ? 1 : compiled.keyColumns.length);
    const key = keyText(spooled);
    const { high, low } = row.fingerprint;
    // An event is named by its key alone: each row once, whatever it says by now.
    const messageId = isEvent ? idOf(key, 0, '') : idOf(key, row.sequence, `${high}-${low}`);
    const written = (isRemoved ? writeRemoval : write)(row.values, { messageId });
    if ('invalid' in written) {
      invalid.push({ key, change: row.change, reason: written.invalid, column: written.column });
      continue;
    }
    index.push(indexLine(page, sizes.length, row, spooled));
    messages.add(written.json, written.bytes);
    sizes.push(written.bytes);
  }
  const batches = packBatches(sizes, batchLimits(connection));
  return {
    messages: sizes.length,
    batches: { blob: messages.finish(batches), count: batches.length },
    index: index.join(''),
    invalid,
  };
}

async function recordInvalid(
  { ledger }: Dependencies,
  run: RunRecord,
  page: number,
  invalid: readonly InvalidRow[],
): Promise<void> {
  if (invalid.length === 0) return;
  const counts: Record<string, number> = {};
  for (const { reason } of invalid) counts[reason] = (counts[reason] ?? 0) + 1;
  const samples: FaultSample[] = invalid
    .slice(0, MAX_SAMPLES)
    .map(({ key, reason, column }, position) => ({ position, reason, key, column }));
  await writeFaults(ledger.db, run.id, { kind: 'invalid', page, counts, samples });
}

const countOf = (rows: readonly InvalidRow[], change: Change): number =>
  rows.filter((row) => row.change === change).length;

const resultOf = (page: MappedPage): MapResult => ({
  messages: page.messages,
  batches: page.batch_count,
  invalid: invalidOf(page),
});
