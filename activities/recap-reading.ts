import { findConnection } from '../ledger/pin-definition.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { PinnedDefinition } from '../ledger/run-record.ts';
import { takeSnapshot, type Snapshot } from '../snapshot/take-snapshot.ts';
import type { ResolvedModel, Source } from '../sources/source.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import { MAX_VALUE_BYTES, type Place } from '../vocabulary/spool.ts';
import { columnsRead, fingerprintsOf, type Comparison } from './compare-with.ts';
import type { Dependencies } from './dependencies.ts';
import { haveSameColumns } from './read-snapshot.ts';
import { releasePlace } from './release-reading.ts';
import { withScratch } from './scratch.ts';
import { untilGivenUp } from './until-given-up.ts';

/** What the warehouse keeps for a recap, so that whoever ends it can give it back. */
interface KeptPlace {
  connection: string;
  place: Place;
}

const placeName = (folder: BlobName): BlobName => blobName(folder, 'place');

/** Brings the columns of the mapping to rest. It is not gone on with: an attempt that takes over reads anew. */
export async function readForRecap(
  { blobs, duckdb }: Dependencies,
  reading: {
    definition: PinnedDefinition;
    folder: BlobName;
    prefix: BlobName;
    id: string;
    source: Source;
    model: ResolvedModel;
    mapping: CompiledMapping;
    /** As of a run. */
    carried: Comparison | null;
    progress: { bytes: number };
  },
): Promise<Snapshot> {
  const { carried, definition, folder, id, mapping, model, prefix, progress, source } = reading;
  const wanted = columnsRead(reading);
  const { columns, pieces } = await source.read(
    model,
    wanted.map(({ name }) => name),
    { maxValueBytes: MAX_VALUE_BYTES, id, from: null },
  );
  const taken = await withScratch(duckdb, (scratch) =>
    takeSnapshot({
      spool: untilGivenUp(pieces),
      digest: mapping.digest,
      earlier: fingerprintsOf(mapping, carried),
      prefix: blobName(prefix, 'snapshot'),
      blobs,
      duckdb,
      scratch,
      async onPlace(place) {
        const kept: KeptPlace = { connection: definition.model.connection, place };
        await blobs.put(placeName(folder), JSON.stringify(kept));
      },
      onBytes(bytes) {
        progress.bytes += bytes;
      },
    }),
  );
  if (!haveSameColumns(columns, wanted)) throw new BackhaulError('source_changed', `model ${model.name}`);
  return carried === null ? taken : { ...taken, earlier: carried.fingerprints.length };
}

/** Gives back what the warehouse keeps for a recap, if anything. */
export async function releaseForRecap(dependencies: Dependencies, folder: BlobName): Promise<void> {
  const { blobs, ledger } = dependencies;
  const name = placeName(folder);
  if (!(await blobs.exists(name))) return;
  const { connection, place } = JSON.parse((await blobs.get(name)).toString('utf8')) as KeptPlace;
  await releasePlace(dependencies, connection, () => findConnection(ledger.db, connection), place);
  await blobs.remove(name);
}
