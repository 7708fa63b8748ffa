import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BlobName } from '../vocabulary/ids.ts';
import type { BlobStore } from './blob-store.ts';
import { spoolLines } from './files.ts';
import { fetchAll } from './local-files.ts';

const WRITE_CHARACTERS = 1_000_000;

/** Writes the keys that a run is restricted to, as spooled, a line each. None of them is empty. */
export async function writeSelectedKeys(keys: AsyncIterable<string>, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await pipeline(Readable.from(inPieces(keys)), createWriteStream(file, { flags: 'wx' }));
}

async function* inPieces(keys: AsyncIterable<string>): AsyncGenerator<string> {
  // DuckDB takes a byte order mark off the start of a file, where a key may have one; it passes over an empty line.
  let piece = '\n';
  for await (const key of keys) {
    piece += `${key}\n`;
    if (piece.length < WRITE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

/** The keys that a run is restricted to, as a table of DuckDB; null: it takes all. */
export async function selectedTable(
  blobs: BlobStore,
  scratch: string,
  selected: BlobName | null,
): Promise<string | null> {
  if (selected === null) return null;
  const [file = ''] = await fetchAll(blobs, scratch, 'selected', [selected]);
  return `(select line as k from ${spoolLines(file)})`;
}

/** The rows of a table whose key is selected. */
export const onlySelected = (table: string, selected: string | null): string =>
  selected === null ? table : `(select t.* from ${table} t semi join ${selected} c on c.k = t.k)`;
