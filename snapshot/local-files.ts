import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobName } from '../vocabulary/ids.ts';
import type { BlobStore } from './blob-store.ts';
import { earlierColumns } from './carried.ts';
import { NO_STATE, parquet } from './files.ts';
import { partName, type Snapshot } from './take-snapshot.ts';

/** The parts of a snapshot as a table of DuckDB. */
export async function snapshotTable(blobs: BlobStore, scratch: string, snapshot: Snapshot): Promise<string> {
  const names = snapshot.segments.flatMap(({ prefix, parts }) =>
    Array.from({ length: parts }, (_, part) => partName(prefix, part)),
  );
  if (names.length === 0) {
    const fingerprints = ['fh', 'fl', ...earlierColumns(snapshot)].map((name) => `null::ubigint as ${name}`);
    return `(select null::varchar as k, ${fingerprints.join(', ')}, null::varchar as line where false)`;
  }
  return parquet(await fetchAll(blobs, scratch, 'snapshot', names));
}

/** A state as a table of DuckDB; null: there is none yet. */
export async function stateTable(blobs: BlobStore, scratch: string, state: BlobName | null): Promise<string> {
  if (state === null) return NO_STATE;
  return parquet(await fetchAll(blobs, scratch, 'state', [state]));
}

export async function fetchAll(
  blobs: BlobStore,
  scratch: string,
  folder: string,
  names: readonly BlobName[],
): Promise<string[]> {
  await mkdir(join(scratch, folder), { recursive: true });
  const files: string[] = [];
  for (const [position, name] of names.entries()) {
    const file = join(scratch, folder, String(position));
    await blobs.fetch(name, file);
    files.push(file);
  }
  return files;
}
