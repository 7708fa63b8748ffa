import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDb } from '../snapshot/duckdb.ts';

/** A scratch folder of its own for one attempt of an activity; it is gone when the work is done. */
export async function withScratch<T>(duckdb: DuckDb, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = join(duckdb.scratch, randomUUID());
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
