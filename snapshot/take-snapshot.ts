import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import type { Piece } from '../vocabulary/spool.ts';
import { countsOf, quote, withConnection, type DuckDb } from './duckdb.ts';
import { spoolLines } from './files.ts';
import { spoolToFiles } from './spool.ts';
import type { BlobStore } from './blob-store.ts';

/** Bytes of spool a part holds: large enough for DuckDB to be busy, small enough to start early. */
const PART_BYTES = 24_000_000;
/** Rows of a Parquet row group: what DuckDB holds in memory at once, a thread. */
export const ROW_GROUP_ROWS = 20_480;
export const PARQUET_OPTIONS = `format parquet, compression zstd, compression_level 1, row_group_size ${ROW_GROUP_ROWS}, row_group_size_bytes '16MB'`;

export interface TakenSnapshot {
  parts: number;
  rows: number;
  bytes: number;
}

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
  prefix: BlobName;
  blobs: BlobStore;
  duckdb: DuckDb;
  /** Folder of this activity, below the engine's scratch. */
  scratch: string;
  onBytes?: (bytes: number) => void;
}): Promise<TakenSnapshot> {
  const { blobs, digest, duckdb, prefix, scratch } = options;
  await mkdir(scratch, { recursive: true });
  const taken: TakenSnapshot = { parts: 0, rows: 0, bytes: 0 };
  await withConnection(duckdb, (connection) =>
    spoolToFiles(options.spool, {
      path: (file) => join(scratch, `spool-${file}`),
      fileBytes: PART_BYTES,
      onBytes(bytes) {
        taken.bytes += bytes;
        options.onBytes?.(bytes);
      },
      async onFile(path) {
        const part = join(scratch, `part-${taken.parts}.parquet`);
        const { Count } = await countsOf(
          connection,
          `copy (
             select split_part(line, chr(9), 1) as k, (hash >> 64)::ubigint as fh,
                    (hash & 18446744073709551615)::ubigint as fl, line
             from (select line, md5_number(concat(${quote(digest)}, line)) as hash
                   from (select coalesce(line, '') as line from ${spoolLines(path)}))
           ) to ${quote(part)} (${PARQUET_OPTIONS})`,
          ['Count'],
          { errorCode: 'row_unreadable' },
        );
        await rm(path);
        await blobs.adopt(part, partName(prefix, taken.parts));
        taken.parts += 1;
        taken.rows += Count;
      },
    }),
  );
  return taken;
}

export const partName = (prefix: BlobName, part: number): BlobName =>
  blobName(prefix, `part-${part}.parquet`);
