import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { MAX_LINE_BYTES } from './files.ts';

const NEWLINE = 0x0a;

/**
 * Writes the spool of a source to local files of about `fileBytes`, each of whole lines, and hands every finished file
 * to `onFile`. The next file fills while the last one is worked on; never more than two lie there. Reading waits
 * for the slower of both, so memory stays bounded by the stream's own buffers.
 */
export async function spoolToFiles(
  spool: Readable,
  options: {
    path: (file: number) => string;
    fileBytes: number;
    onFile: (path: string) => Promise<void>;
    onBytes?: (bytes: number) => void;
  },
): Promise<void> {
  const cut = lineCutter();
  let working: Promise<void> = Promise.resolve();
  let current: SpoolFile | undefined;
  let files = 0;

  const finish = async (): Promise<void> => {
    if (current === undefined) return;
    const { path, file } = current;
    current = undefined;
    await file.close();
    await working;
    working = options.onFile(path);
    // Awaited at the next file or at the end; until then a failure must not count as unhandled.
    working.catch(() => undefined);
  };
  try {
    for await (const chunk of spool as AsyncIterable<Buffer>) {
      options.onBytes?.(chunk.length);
      for (const lines of cut.push(chunk)) {
        current ??= await openFile(options.path(files++));
        await write(current, lines);
      }
      if (current !== undefined && current.bytes >= options.fileBytes) await finish();
    }
    const rest = cut.rest();
    if (rest.length > 0) {
      current ??= await openFile(options.path(files++));
      await write(current, rest);
    }
    await finish();
  } finally {
    await current?.file.close();
    await working;
  }
}

interface SpoolFile {
  path: string;
  file: FileHandle;
  bytes: number;
}

async function openFile(path: string): Promise<SpoolFile> {
  return { path, file: await open(path, 'wx'), bytes: 0 };
}

async function write(spoolFile: SpoolFile, lines: Buffer): Promise<void> {
  await spoolFile.file.writeFile(lines);
  spoolFile.bytes += lines.length;
}

/**
 * Gives on whole lines only, and cuts a line above MAX_LINE_BYTES at a character's border. It looks at one place per
 * window, not at every line.
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
      out.push(data.subarray(start, cutAt(data, good)), Buffer.of(NEWLINE));
      const end = data.indexOf(NEWLINE, good + MAX_LINE_BYTES);
      if (end < 0) {
        dropping = true;
        return out;
      }
      start = good = end + 1;
    }
    const last = data.lastIndexOf(NEWLINE);
    const whole = Math.max(good, last + 1);
    if (whole > start) out.push(data.subarray(start, whole));
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

/** Where a line that starts at `start` is cut: not inside a UTF-8 character. */
function cutAt(data: Buffer, start: number): number {
  let end = start + MAX_LINE_BYTES;
  while (((data[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
