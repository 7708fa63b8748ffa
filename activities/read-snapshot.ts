import { forgetReading, recordReading, takeOverReading } from '../ledger/reading.ts';
import type { ReadingReference } from '../ledger/run-record.ts';
import type { RunRecord } from '../ledger/runs.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import { nothingTaken, takeSnapshot, type TakenSnapshot } from '../snapshot/take-snapshot.ts';
import type { ResolvedModel, Source } from '../sources/source.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import { blobName } from '../vocabulary/ids.ts';
import { MAX_VALUE_BYTES, type Place } from '../vocabulary/spool.ts';
import { attemptName } from './attempt-name.ts';
import type { Dependencies } from './dependencies.ts';
import { withScratch } from './scratch.ts';
import { untilGivenUp } from './until-given-up.ts';

export interface ReadSnapshot extends TakenSnapshot {
  columns: Column[];
  /** When the warehouse was asked: the timestamp of every message. */
  takenAt: string;
  /** Gives back what the warehouse keeps of it. Once the snapshot is recorded. */
  done(): Promise<void>;
}

export interface Reading {
  run: RunRecord;
  source: Source;
  model: ResolvedModel;
  mapping: CompiledMapping;
  progress: { bytes: number };
  onProgress: () => void;
}

/** Brings the columns of the mapping to rest, from where an earlier attempt came to if its result is still there. */
export async function readSnapshot(dependencies: Dependencies, reading: Reading): Promise<ReadSnapshot> {
  const { ledger } = dependencies;
  const { run, source } = reading;
  const attempt = attemptName();
  const earlier = await goOn(await takeOverReading(ledger.db, run.id, attempt), reading);
  try {
    return await read(dependencies, reading, attempt, earlier);
  } catch (error) {
    if (!(error instanceof BackhaulError)) throw error;
    // With nothing to go on from, the next attempt runs the query again.
    if (error.code === 'source_result_expired' || !error.entry.retryable) {
      await forgetReading(ledger.db, run.id, attempt);
      if (earlier !== null) await source.release?.(earlier.place).catch(() => undefined);
    }
    throw error;
  }
}

/** The model may have got other columns since: then its result is of no use. */
async function goOn(
  earlier: ReadingReference | null,
  { mapping, source }: Reading,
): Promise<ReadingReference | null> {
  if (earlier === null) return null;
  const names = (columns: readonly Column[]): string =>
    JSON.stringify(columns.map(({ name, kind }) => [name, kind]));
  if (earlier.mappingDigest === mapping.digest && names(earlier.columns) === names(mapping.columns))
    return earlier;
  await source.release?.(earlier.place);
  return null;
}

async function read(
  { blobs, duckdb, ledger }: Dependencies,
  { mapping, model, onProgress, progress, run, source }: Reading,
  attempt: string,
  earlier: ReadingReference | null,
): Promise<ReadSnapshot> {
  const takenAt = earlier?.takenAt ?? new Date().toISOString();
  const { columns, pieces } = await source.read(
    model,
    mapping.columns.map((column) => column.name),
    { maxValueBytes: MAX_VALUE_BYTES, id: run.id, from: earlier?.place ?? null },
  );
  let last: Place | null = earlier?.place ?? null;
  const taken = await withScratch(duckdb, (scratch) =>
    takeSnapshot({
      spool: untilGivenUp(pieces),
      digest: mapping.digest,
      prefix: blobName('runs', run.id, 'snapshot', attempt),
      before: earlier ?? nothingTaken(),
      blobs,
      duckdb,
      scratch,
      async onPlace(place, { segments, rows, bytes }) {
        last = place;
        await recordReading(ledger.db, run.id, attempt, {
          place,
          mappingDigest: mapping.digest,
          columns,
          takenAt,
          segments,
          rows,
          bytes,
        });
      },
      onBytes(bytes) {
        progress.bytes += bytes;
        onProgress();
      },
    }),
  );
  return {
    ...taken,
    columns,
    takenAt,
    async done() {
      await forgetReading(ledger.db, run.id, attempt);
      if (last !== null) await source.release?.(last).catch(() => undefined);
    },
  };
}
