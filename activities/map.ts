import { writeFaults, MAX_SAMPLES, type FaultSample } from '../ledger/faults.ts';
import { readMappedPage, writeMappedPage, type MappedPage } from '../ledger/pages.ts';
import { markReadProgress, requireOpen, type RunRecord } from '../ledger/runs.ts';
import { compileMapping } from '../mapping/compile.ts';
import { messageWriter } from '../mapping/message.ts';
import { messageIds } from '../mapping/message-id.ts';
import { batchLimits } from '../segment/batch.ts';
import { writeKeyDigest } from '../segment/write-key-digest.ts';
import { pageName, type Change } from '../snapshot/pages.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { heartbeating } from './heartbeat.ts';
import { mapPage, type PageMapping } from './map-page.ts';
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
  const adopts = run.mode === 'adopt';

  return heartbeating(
    () => ({}),
    async () => {
      const rows = await blobs.get(pageName(plan.prefix, input.page));
      const mapped = await mapPage(await mappingOf(dependencies, run), input.page, rows);
      const folder = blobName('runs', run.id, 'mapped', `page-${input.page}`, attemptName());
      const names = { batches: blobName(folder, 'batches'), index: blobName(folder, 'index') };
      await Promise.all([
        // What is adopted is never sent: its messages need not lie there.
        blobs.put(names.batches, adopts ? '' : mapped.batches.blob),
        blobs.put(names.index, mapped.index),
        writeInvalidRows(blobs, folder, mapped.invalid),
      ]);
      // Before the page itself, which a further attempt would take for done.
      await recordInvalid(dependencies, run, input.page, mapped.invalid);
      const page = await writeMappedPage(ledger.db, run.id, {
        page: input.page,
        ...names,
        messages: mapped.messages,
        batch_count: adopts ? 0 : mapped.batches.count,
        invalid_added: countOf(mapped.invalid, 'added'),
        invalid_changed: countOf(mapped.invalid, 'changed'),
        invalid_unchanged: countOf(mapped.invalid, 'unchanged'),
      });
      // No answer of Segment will say that the run comes on.
      if (adopts) await markReadProgress(ledger.db, run.id);
      return resultOf(page);
    },
  );
}

/** What all pages of a run are mapped by. */
async function mappingOf(dependencies: Dependencies, run: RunRecord): Promise<PageMapping> {
  const { ledger, product } = dependencies;
  const { snapshot, definition } = run;
  if (snapshot === null) throw new BackhaulError('snapshot_missing', `run ${run.id}`);
  const connection = await resolveSegment(dependencies, definition.sync.destination, definition.destination);
  const { id, sync, startedAt } = run;
  const state = await requireSameSource(ledger.db, run, connection.writeKey);
  return {
    write: messageWriter(compileMapping(definition.sync, snapshot.columns), {
      timestamp: snapshot.takenAt,
      product,
      run: { id, sync, startedAt },
    }),
    messageId: messageIds({
      stateId: state.id,
      generation: state.generation,
      writeKeyDigest: writeKeyDigest(connection.writeKey),
      kind: 'identify',
    }),
    limits: batchLimits(connection),
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
  invalid: page.invalid_added + page.invalid_changed + page.invalid_unchanged,
});
