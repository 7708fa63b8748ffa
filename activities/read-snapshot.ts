import type { Ledger } from '../ledger/connect.ts';
import { forgetReading, recordReading, takeOverReading } from '../ledger/reading.ts';
import type { ReadingReference } from '../ledger/run-record.ts';
import { readRun, type RunRecord } from '../ledger/runs.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import { nothingTaken, takeSnapshot, type TakenSnapshot } from '../snapshot/take-snapshot.ts';
import type { ResolvedModel, Source } from '../sources/source.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { Column } from '../vocabulary/columns.ts';
import type { ErrorCode } from '../vocabulary/errors.ts';
import { blobName } from '../vocabulary/ids.ts';
import { MAX_VALUE_BYTES, type Place } from '../vocabulary/spool.ts';
import { attemptName } from './attempt-name.ts';
import { columnsRead, fingerprintsOf, type Comparison } from './compare-with.ts';
import type { Dependencies } from './dependencies.ts';
import { withScratch } from './scratch.ts';
import { untilGivenUp } from './until-given-up.ts';

export interface ReadSnapshot extends TakenSnapshot {
  /** Of the mapping. */
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
  /** Null: rows are compared by the mapping alone. */
  carried: Comparison | null;
  progress: { bytes: number };
  onProgress: () => void;
}

/** How far this attempt and those before it have come in a result that the warehouse keeps. */
interface Progress {
  /** Where an earlier attempt came to. */
  earlier: ReadingReference | null;
  /** The newest place that is known. */
  last: Place | null;
  /** What the ledger says. */
  recorded: ReadingReference | null;
}

/** After so many attempts in a row that came no further the result is given up: its query may be what fails. */
const MAX_STALLED = 3;
/** To read the same result again would end in the same way. */
const ENDS_RESULT: readonly ErrorCode[] = [
  'source_result_expired',
  'source_partial_result',
  'source_changed',
  'internal',
];

/** Brings the columns of the mapping to rest, from where an earlier attempt came to if its result is still there. */
export async function readSnapshot(dependencies: Dependencies, reading: Reading): Promise<ReadSnapshot> {
  const { ledger } = dependencies;
  const { run, source } = reading;
  const attempt = attemptName();
  const earlier = await goOn(await takeOverReading(ledger.db, run.id, attempt), reading);
  const progress = { earlier, last: earlier?.place ?? null, recorded: earlier };
  try {
    return await read(dependencies, reading, attempt, progress);
  } catch (error) {
    if (progress.last !== null && (await isOfNoUse(ledger, run.id, attempt, progress, error)))
      await source.release?.(progress.last).catch(() => undefined);
    throw error;
  }
}

/**
 * Whether nobody will go on from what a failed attempt leaves at the warehouse; the ledger then forgets it. What it knows
 * stays for the next attempt, or for the end of the run, which gives it back.
 */
async function isOfNoUse(
  { db }: Ledger,
  run: string,
  attempt: string,
  { earlier, recorded }: Progress,
  error: unknown,
): Promise<boolean> {
  const known = error instanceof BackhaulError ? error : null;
  // The query may be that of the attempt which took over, unless there is none.
  if (known?.code === 'run_superseded') return !(await readRun(db, run)).open;
  if (recorded === null) return true;
  if (known === null) return false;
  if (ENDS_RESULT.includes(known.code)) return forgetReading(db, run, attempt);
  const failsAtWarehouse = known.entry.retryable && known.code.startsWith('source_');
  if (!failsAtWarehouse || recorded !== earlier) return false;
  const stalled = (recorded.stalled ?? 0) + 1;
  if (stalled >= MAX_STALLED) return forgetReading(db, run, attempt);
  await recordReading(db, run, attempt, { ...recorded, stalled });
  return false;
}

/** The model may have got other columns since: then its result is of no use. */
async function goOn(earlier: ReadingReference | null, reading: Reading): Promise<ReadingReference | null> {
  const { mapping, source } = reading;
  if (earlier === null) return null;
  if (earlier.mappingDigest === mapping.digest && haveSameColumns(earlier.columns, columnsRead(reading)))
    return earlier;
  await source.release?.(earlier.place).catch(() => undefined);
  return null;
}

/** The same columns in the same order. */
export function haveSameColumns(some: readonly Column[], others: readonly Column[]): boolean {
  const names = (columns: readonly Column[]): string =>
    JSON.stringify(columns.map(({ name, kind }) => [name, kind]));
  return names(some) === names(others);
}

async function read(
  { blobs, duckdb, ledger }: Dependencies,
  { carried, mapping, model, onProgress, progress: told, run, source }: Reading,
  attempt: string,
  progress: Progress,
): Promise<ReadSnapshot> {
  const { earlier } = progress;
  const takenAt = earlier?.takenAt ?? new Date().toISOString();
  const wanted = columnsRead({ carried, mapping });
  const { columns, pieces } = await source.read(
    model,
    wanted.map((column) => column.name),
    { maxValueBytes: MAX_VALUE_BYTES, id: run.id, from: earlier?.place ?? null },
  );
  const taken = await withScratch(duckdb, (scratch) =>
    takeSnapshot({
      spool: untilGivenUp(pieces),
      digest: mapping.digest,
      earlier: fingerprintsOf(mapping, carried),
      prefix: blobName('runs', run.id, 'snapshot', attempt),
      before: earlier ?? nothingTaken(),
      blobs,
      duckdb,
      scratch,
      async onPlace(place, { segments, rows, bytes }) {
        progress.last = place;
        // Where it began is no news, and would hide that the attempts before it came no further.
        if (earlier !== null && rows === earlier.rows) return;
        const reading = { place, mappingDigest: mapping.digest, columns, takenAt, segments, rows, bytes };
        await recordReading(ledger.db, run.id, attempt, reading);
        progress.recorded = reading;
      },
      onBytes(bytes) {
        told.bytes += bytes;
        onProgress();
      },
    }),
  );
  // Between the description and the read somebody changed the model's tables: the mapping was made for other columns.
  if (!haveSameColumns(columns, wanted)) throw new BackhaulError('source_changed', `model ${model.name}`);
  return {
    ...taken,
    columns: columns.slice(0, mapping.columns.length),
    takenAt,
    async done() {
      const isOurs = await forgetReading(ledger.db, run.id, attempt);
      if (isOurs && progress.last !== null) await source.release?.(progress.last).catch(() => undefined);
    },
  };
}
