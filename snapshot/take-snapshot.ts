import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import type { Piece, Place } from '../vocabulary/spool.ts';
import { countsOf, quote, withConnection, type DuckDb } from './duckdb.ts';
import { spoolLines } from './files.ts';
import { spoolToFiles } from './spool.ts';
import type { BlobStore } from './blob-store.ts';

/** Bytes of spool a part holds: large enough for DuckDB to be busy, small enough to start early. */
const PART_BYTES = 24_000_000;
/** Rows of a Parquet row group: what DuckDB holds in memory at once, a thread. */
export const ROW_GROUP_ROWS = 20_480;
export const PARQUET_OPTIONS = `format parquet, compression zstd, compression_level 1, row_group_size ${ROW_GROUP_ROWS}, row_group_size_bytes '16MB'`;

/** Rows at rest: the parts `<prefix>/part-<n>.parquet` of each attempt that read some of them. */
export interface Snapshot {
  segments: readonly { prefix: BlobName; parts: number }[];
  /** How many fingerprints by earlier mappings each row has beside its own. @default 0 */
  earlier?: number | undefined;
}

/** A mapping that a state may hold fingerprints of. */
export interface EarlierFingerprint {
  digest: string;
  /** Where its columns stand in a line of the spool, in its own order. */
  places: readonly number[];
}

export interface TakenSnapshot {
  segments: { prefix: BlobName; parts: number }[];
  rows: number;
  bytes: number;
}

export const nothingTaken = (): TakenSnapshot => ({ segments: [], rows: 0, bytes: 0 });

/**
 * Brings a spool to rest as Parquet parts `<prefix>/part-<n>.parquet` of columns `k` (the key as spooled), `fh` and
 * `fl` (the fingerprint's halves) and `line` (the row as spooled).
 *
 * The fingerprint is MD5 over the mapping's digest and the line. The line is canonical: the columns come in the order
 * of the mapping, values are canonical texts, NULL has a mark of its own, and the escapes keep borders apart.
 */
export async function takeSnapshot(options: {
  spool: AsyncIterable<Piece>;
  digest: string;
  /**
   * What else a fingerprint is taken by, as `e0h` and `e0l`, `e1h` and `e1l`, …; only the first `width` columns of the spool
   * are the row's own then. @default null
   */
  earlier?: { width: number; fingerprints: readonly EarlierFingerprint[] } | null;
  prefix: BlobName;
  blobs: BlobStore;
  duckdb: DuckDb;
  /** Folder of this activity, below the engine's scratch. */
  scratch: string;
  /** What earlier attempts brought to rest: what is spooled now goes on behind it. */
  before?: TakenSnapshot;
  /** Told with all that is at rest before a place of the spool. */
  onPlace?: (place: Place, taken: TakenSnapshot) => Promise<void>;
  onBytes?: (bytes: number) => void;
  /** Bytes of spool a part holds. */
  partBytes?: number;
}): Promise<TakenSnapshot> {
  const { before = nothingTaken(), blobs, digest, duckdb, onPlace, prefix, scratch } = options;
  await mkdir(scratch, { recursive: true });
  const own = { prefix, parts: 0 };
  const taken = { rows: before.rows, bytes: before.bytes };
  const atRest = (): TakenSnapshot => ({
    ...taken,
    segments: [...before.segments, ...(own.parts === 0 ? [] : [{ ...own }])],
  });
  await withConnection(duckdb, (connection) =>
    spoolToFiles(options.spool, {
      path: (file) => join(scratch, `spool-${file}`),
      fileBytes: options.partBytes ?? PART_BYTES,
      ...(onPlace === undefined ? {} : { onPlace: (place) => onPlace(place, atRest()) }),
      ...(options.onBytes === undefined ? {} : { onBytes: options.onBytes }),
      async onFile(path, bytes) {
        const part = join(scratch, `part-${own.parts}.parquet`);
        const { Count } = await countsOf(
          connection,
          `copy (${rowsOf(spoolLines(path), digest, options.earlier ?? null)}) to ${quote(part)} (${PARQUET_OPTIONS})`,
          ['Count'],
          { errorCode: 'row_unreadable' },
        );
        await rm(path);
        await blobs.adopt(part, partName(prefix, own.parts));
        own.parts += 1;
        taken.rows += Count;
        taken.bytes += bytes;
      },
    }),
  );
  return atRest();
}

export const partName = (prefix: BlobName, part: number): BlobName =>
  blobName(prefix, `part-${part}.parquet`);

/** The rows of spooled lines. A line that was cut has fewer columns, and by no mapping the fingerprint of a whole one. */
function rowsOf(
  lines: string,
  digest: string,
  earlier: { width: number; fingerprints: readonly EarlierFingerprint[] } | null,
): string {
  const spooled = `select coalesce(line, '') as line from ${lines}`;
  const fingerprints = earlier?.fingerprints ?? [];
  const hashes = fingerprints.map(
    ({ digest: other, places }, number) =>
      `, md5_number(concat(${quote(other)}, ${joined(`list_select(fields, [${places.map((place) => place + 1).join(', ')}])`)})) as hash${number}`,
  );
  const own =
    earlier === null
      ? spooled
      : `select ${joined(`fields[1:${earlier.width}]`)} as line, fields
         from (select string_split(line, chr(9)) as fields from (${spooled}))`;
  return `
    select split_part(line, chr(9), 1) as k, ${halves('hash', 'f')}${fingerprints
      .map((_, number) => `, ${halves(`hash${number}`, `e${number}`)}`)
      .join('')}, line
    from (select line, md5_number(concat(${quote(digest)}, line)) as hash${hashes.join('')} from (${own}))`;
}

const joined = (fields: string): string => `array_to_string(${fields}, chr(9))`;
const halves = (hash: string, name: string): string =>
  `(${hash} >> 64)::ubigint as ${name}h, (${hash} & 18446744073709551615)::ubigint as ${name}l`;
