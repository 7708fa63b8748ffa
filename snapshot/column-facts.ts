import { mkdir } from 'node:fs/promises';
import { SPOOL_NULL } from '../vocabulary/spool.ts';
import type { BlobStore } from './blob-store.ts';
import { queryRows, quote, withConnection, type DuckDb } from './duckdb.ts';
import { snapshotTable } from './local-files.ts';
import type { Snapshot } from './take-snapshot.ts';

export interface ColumnFacts {
  rows: number;
  /** Of each column, in order: how many rows have no value. */
  nulls: number[];
  /** Whole rows as spooled, null for NULL: those of the first keys (rows without one come last), and one for each column that has a value in it. */
  samples: (string | null)[][];
}

/** What is in the columns of a snapshot: the same for the same rows, in whatever order they came. */
export async function columnFacts(options: {
  snapshot: Snapshot;
  columns: number;
  sampleRows: number;
  blobs: BlobStore;
  duckdb: DuckDb;
  scratch: string;
}): Promise<ColumnFacts> {
  const { blobs, columns, duckdb, sampleRows, scratch } = options;
  await mkdir(scratch, { recursive: true });
  const snapshot = await snapshotTable(blobs, scratch, options.snapshot);
  return withConnection(duckdb, async (connection) => {
    const places = Array.from({ length: columns }, (_, place) => place + 1);
    const isNull = (place: number): string => `v[${place}] = ${quote(SPOOL_NULL)}`;
    const figures = places.flatMap((place) => [
      `count(*) filter (${isNull(place)}) as n${place}`,
      `min(line) filter (not ${isNull(place)}) as a${place}`,
    ]);
    const [counts] = await queryRows(
      connection,
      `select count(*) as rows, ${figures.join(', ')}
       from (select line, string_split(line, chr(9)) as v from ${snapshot})`,
    );
    const first = await queryRows(
      connection,
      `select line from ${snapshot} order by k = ${quote(SPOOL_NULL)} or k = '', k, line limit ${sampleRows}`,
    );
    const lines = [...first.map(({ line }) => line), ...places.map((place) => counts?.[`a${place}`])];
    return {
      rows: Number(counts?.rows ?? 0),
      nulls: places.map((place) => Number(counts?.[`n${place}`] ?? 0)),
      samples: lines.flatMap((line) => (typeof line === 'string' ? [valuesOf(line)] : [])),
    };
  });
}

const valuesOf = (line: string): (string | null)[] =>
  line.split('\t').map((value) => (value === SPOOL_NULL ? null : value));
