import { open, type FileHandle } from 'node:fs/promises';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { MAX_LINE_BYTES, type Piece, type Place } from '../vocabulary/spool.ts';
import { EMPTY_LINE } from './files.ts';

const NEWLINE = 0x0a;
const WRITE_BYTES = 1_000_000;
const TWO_NEWLINES = Buffer.of(NEWLINE, NEWLINE);
const MARKED_EMPTY_LINE = Buffer.from(`${EMPTY_LINE}\n`);

/**
 * Writes the spool of a source to local files of about `fileBytes`, each of whole lines, and hands every finished file
 * to `onFile`. The next file fills while the last one is worked on; never more than two lie there. Reading waits
 * for the slower of both, so memory stays bounded by the stream's own buffers and one write.
 *
 * Where the spool has places, a file ends at one, and `onPlace` is told once all files before it are done with.
 */
export async function spoolToFiles(
  spool: AsyncIterable<Piece>,
  options: {
    path: (file: number) => string;
    fileBytes: number;
    /** With the bytes of its lines. */
    onFile: (path: string, bytes: number) => Promise<void>;
    onPlace?: (place: Place) => Promise<void>;
    onBytes?: (bytes: number) => void;
  },
): Promise<void> {
  const cut = lineCutter();
  let working: Promise<void> = Promise.resolve();
  let current: SpoolFile | undefined;
  let files = 0;

  let hasPlaces = false;

  const finish = async (place: Place | null): Promise<void> => {
    if (current === undefined) return;
    await flush(current);
    const { bytes, file, path } = current;
    current = undefined;
    await file.close();
    await working;
    working = options.onFile(path, bytes).then(() => (place === null ? undefined : options.onPlace?.(place)));
    // Awaited at the next file or at the end; until then a failure must not count as unhandled.
    working.catch(() => undefined);
  };
  const isFull = (): boolean => current !== undefined && current.bytes >= options.fileBytes;

  try {
    for await (const piece of spool) {
      if ('place' in piece) {
        hasPlaces = true;
        if (files === 0) await options.onPlace?.(piece.place);
        else if (isFull()) await finish(piece.place);
        continue;
      }
      options.onBytes?.(piece.length);
      for (const lines of cut.push(piece)) {
        current ??= await openFile(options.path(files++));
        await write(current, lines);
      }
      if (!hasPlaces && isFull()) await finish(null);
    }
    const rest = cut.rest();
    if (rest.length > 0) {
      current ??= await openFile(options.path(files++));
      await write(current, rest);
    }
    await finish(null);
  } finally {
    await current?.file.close();
    await working;
  }
}

interface SpoolFile {
  path: string;
  file: FileHandle;
  bytes: number;
  /** Not yet written: a source may hand over a row at a time. */
  pending: Buffer[];
  pendingBytes: number;
}

async function openFile(path: string): Promise<SpoolFile> {
  // DuckDB passes over an empty line, and takes a byte order mark off the start of a file, where a key may have one.
  return { path, file: await open(path, 'wx'), bytes: 0, pending: [Buffer.of(NEWLINE)], pendingBytes: 1 };
}

async function write(spoolFile: SpoolFile, lines: Buffer): Promise<void> {
  spoolFile.pending.push(lines);
  spoolFile.pendingBytes += lines.length;
  spoolFile.bytes += lines.length;
  if (spoolFile.pendingBytes >= WRITE_BYTES) await flush(spoolFile);
}

async function flush(spoolFile: SpoolFile): Promise<void> {
  const bytes = Buffer.concat(spoolFile.pending);
  spoolFile.pending = [];
  spoolFile.pendingBytes = 0;
  try {
    await spoolFile.file.writeFile(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new BackhaulError('scratch_full', '', { cause: error });
    throw error;
  }
}

/**
 * Gives on whole lines only, cuts a line above MAX_LINE_BYTES at a character's border, and marks an empty line (the
 * model's only column holds an empty string), which DuckDB would pass over. It looks at one place per window, not at
 * every line.
 */
export function lineCutter(): { push(chunk: Buffer): Buffer[]; rest(): Buffer } {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  /** Inside the part of a long line that is thrown away. */
  let dropping = false;

  const push = (chunk: Buffer): Buffer[] => {
    let data = chunk;
    if (dropping) {
      const end = data.indexOf(NEWLINE);
      if (end < 0) return [];
      dropping = false;
      data = data.subarray(end + 1);
    }
    if (pendingBytes + data.length > MAX_LINE_BYTES || data.includes(NEWLINE)) {
      data = pendingBytes === 0 ? data : Buffer.concat([...pending, data]);
      pending = [];
      pendingBytes = 0;
    } else {
      pending.push(data);
      pendingBytes += data.length;
      return [];
    }
    const out: Buffer[] = [];
    let start = 0;
    let good = 0;
    while (data.length - good > MAX_LINE_BYTES) {
      const last = data.lastIndexOf(NEWLINE, good + MAX_LINE_BYTES);
      if (last >= good) {
        good = last + 1;
        continue;
      }
      if (good > start) out.push(...markEmptyLines(data.subarray(start, good)));
      out.push(Buffer.concat([data.subarray(good, cutAt(data, good)), Buffer.of(NEWLINE)]));
      const end = data.indexOf(NEWLINE, good + MAX_LINE_BYTES);
      if (end < 0) {
        dropping = true;
        return out;
      }
      start = good = end + 1;
    }
    const last = data.lastIndexOf(NEWLINE);
    const whole = Math.max(good, last + 1);
    if (whole > start) out.push(...markEmptyLines(data.subarray(start, whole)));
    if (whole < data.length) {
      pending = [data.subarray(whole)];
      pendingBytes = data.length - whole;
    }
    return out;
  };
  return {
    push,
    rest: () => (pendingBytes === 0 ? Buffer.alloc(0) : Buffer.concat([...pending, Buffer.of(NEWLINE)])),
  };
}

/** Whole lines, the empty ones marked; the same buffer when there are none. */
function markEmptyLines(lines: Buffer): Buffer[] {
  const out: Buffer[] = [];
  let start = 0;
  while (start < lines.length) {
    if (lines[start] === NEWLINE) {
      out.push(MARKED_EMPTY_LINE);
      start += 1;
      continue;
    }
    const pair = lines.indexOf(TWO_NEWLINES, start);
    const end = pair < 0 ? lines.length : pair + 1;
    out.push(lines.subarray(start, end));
    start = end;
  }
  return out;
}

/** Where a line that starts at `start` is cut: not inside a UTF-8 character. */
function cutAt(data: Buffer, start: number): number {
  let end = start + MAX_LINE_BYTES;
  while (((data[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
