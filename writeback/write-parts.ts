import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../snapshot/blob-store.ts';
import type { DuckDb } from '../snapshot/duckdb.ts';
import { rowsFile, type Line, type WrittenRun } from '../vocabulary/writeback.ts';
import { parquetText } from './lines.ts';
import { writeParquet } from './write-parquet.ts';

/** Larger parts are read faster, and cost more scratch while they are written. */
export const PART_ROWS = 1_000_000;
/** With messages a part is cut earlier: of its CSV, which is about five times its Parquet. */
export const PART_BYTES = 512_000_000;

export interface PartsOptions {
  run: WrittenRun;
  blobs: BlobStore;
  duckdb: DuckDb;
  scratch: string;
  /** Parts that an earlier attempt has finished. */
  parts: number;
  /** @default PART_ROWS */
  partRows?: number;
}

export interface Parts {
  /** Adds lines that belong together. Resolves with how many parts are finished when they begin one, else with null. */
  add(lines: readonly Line[]): Promise<number | null>;
  /** @returns how many parts there are */
  finish(): Promise<number>;
  /** Lets go of what is not finished. */
  drop(): Promise<void>;
}

/**
 * The outcomes of a run as parts, each of which appears whole. The same lines give the same parts under the same names, so one that is
 * written twice is what it was.
 */
export async function openParts(options: PartsOptions): Promise<Parts> {
  const { blobs, duckdb, partRows = PART_ROWS, run, scratch } = options;
  await mkdir(scratch, { recursive: true });
  const csv = join(scratch, 'lines.csv');
  let { parts } = options;
  let handle: FileHandle | null = null;
  let rows = 0;
  let bytes = 0;

  const drop = async (): Promise<void> => {
    await handle?.close();
    handle = null;
    await rm(csv, { force: true });
    rows = bytes = 0;
  };
  const finishPart = async (): Promise<void> => {
    await handle?.close();
    handle = null;
    const file = join(scratch, `part-${parts}.parquet`);
    await writeParquet(duckdb, { table: 'rows', csv, file });
    await blobs.adopt(file, rowsFile(run, parts));
    parts += 1;
    await drop();
  };
  return {
    drop,
    async add(lines) {
      if (lines.length === 0) return null;
      const text = parquetText('rows', lines);
      const isFull = rows > 0 && (rows + lines.length > partRows || bytes + text.length > PART_BYTES);
      if (isFull) await finishPart();
      handle ??= await open(csv, 'w');
      // Not `write`, which may take a part of it.
      await handle.appendFile(text);
      rows += lines.length;
      bytes += text.length;
      return isFull ? parts : null;
    },
    async finish() {
      if (rows > 0) await finishPart();
      return parts;
    },
  };
}
