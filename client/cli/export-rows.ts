import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { OutcomeRow } from '../rows.ts';
import type { CliIo } from './io.ts';
import { csvLine } from './csv.ts';

export const rowFormats = ['ndjson', 'csv'] as const;
export type RowFormat = (typeof rowFormats)[number];

/** Rows as text, each whole. CSV has a header; a payload is JSON in its last column. */
export async function* formatRows(
  rows: AsyncIterable<OutcomeRow>,
  { format, payload }: { format: RowFormat; payload: boolean },
): AsyncGenerator<string> {
  if (format === 'csv')
    yield csvLine(['outcome', 'key', 'reason', 'column', ...(payload ? ['payload'] : [])]);
  for await (const row of rows) {
    if (format === 'ndjson') {
      yield `${JSON.stringify(row)}\n`;
      continue;
    }
    const { outcome, key, reason, column } = row;
    const message = row.payload === undefined ? null : JSON.stringify(row.payload);
    yield csvLine([outcome, key, reason, column, ...(payload ? [message] : [])]);
  }
}

/** Prints text as it comes, no faster than it is taken. */
export async function printPieces(io: CliIo, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    // The line is ended by whoever prints it.
    io.out(piece.replace(/\n$/, ''));
    await io.taken?.();
  }
}

/** Writes text to a file, which is there only once it is whole. @returns how many pieces there were */
export async function writePieces(io: CliIo, file: string, pieces: AsyncIterable<string>): Promise<number> {
  const path = resolve(io.cwd, file);
  const part = `${path}.part`;
  const out = createWriteStream(part);
  const done = finished(out);
  // Awaited at the end; until then a failure must not count as unhandled.
  done.catch(() => undefined);
  let count = 0;
  try {
    for await (const piece of pieces) {
      count += 1;
      if (!out.write(piece)) await Promise.race([once(out, 'drain'), done]);
    }
    out.end();
    await done;
    await rename(part, path);
    return count;
  } catch (error) {
    out.destroy();
    await rm(part, { force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof BackhaulError || code === undefined) throw error;
    throw new BackhaulError('usage', `${file} cannot be written: ${code}`, { cause: error });
  }
}
