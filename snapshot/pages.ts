import { open } from 'node:fs/promises';
import type { BlobName } from '../vocabulary/ids.ts';
import { BEFORE_VALUES, changes, pageName, type Change } from '../vocabulary/planned-page.ts';
import { SPOOL_NULL } from '../vocabulary/spool.ts';
import type { BlobStore } from './blob-store.ts';

export { pageName, type Change } from '../vocabulary/planned-page.ts';

/** Rows of a page. Larger pages cost memory, smaller ones history events. */
export const PAGE_ROWS = 10_000;
/** A page of wide rows is cut earlier, so that memory is bounded by bytes too: of its rows, and of their messages. */
export const PAGE_BYTES = 16_000_000;

const NEWLINE = 0x0a;
const READ_BYTES = 4_000_000;

/** Cuts the planned rows, a line each, into pages at rest; `page-0` is the first. */
export async function cutPages(
  file: string,
  prefix: BlobName,
  blobs: BlobStore,
  options: { bytesPerRow?: number; onProgress?: (() => void) | undefined } = {},
): Promise<number> {
  const { bytesPerRow = 0, onProgress } = options;
  const handle = await open(file);
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let pages = 0;
    let rows = 0;
    let bytes = 0;
    let pieces: Buffer[] = [];
    const flush = async (): Promise<void> => {
      if (rows === 0) return;
      await blobs.put(pageName(prefix, pages), Buffer.concat(pieces));
      onProgress?.();
      pages += 1;
      rows = bytes = 0;
      pieces = [];
    };
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) break;
      const data = Buffer.from(buffer.subarray(0, bytesRead));
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, end + 1)) {
        rows += 1;
        if (rows < PAGE_ROWS && bytes + (end - start) + rows * bytesPerRow < PAGE_BYTES) continue;
        pieces.push(data.subarray(start, end + 1));
        await flush();
        start = end + 1;
      }
      if (start < data.length) {
        pieces.push(data.subarray(start));
        bytes += data.length - start;
      }
    }
    await flush();
    return pages;
  } finally {
    await handle.close();
  }
}

export interface PlannedRow {
  change: Change;
  /** Of the entry that the message replaces (design rule 4). */
  sequence: number;
  fingerprint: Fingerprint;
  /** Values as spooled, in the order of the snapshot's columns: the key first. */
  values: (string | null)[];
}

/** The halves of the 128 bits, as decimal numbers. */
export interface Fingerprint {
  high: string;
  low: string;
}

/** The rows of a page at rest, in order. */
export function* readPage(page: Buffer): Generator<PlannedRow> {
  for (const line of page.toString('utf8').split('\n')) {
    if (line === '') continue;
    const fields: (string | null)[] = line.split('\t');
    const [change, sequence, high, low] = fields;
    for (let place = BEFORE_VALUES; place < fields.length; place++) {
      if (fields[place] === SPOOL_NULL) fields[place] = null;
    }
    yield {
      change: changes[change ?? ''] ?? 'changed',
      sequence: Number(sequence),
      fingerprint: { high: high ?? '', low: low ?? '' },
      values: fields.slice(BEFORE_VALUES),
    };
  }
}

/** One line of a page's index: which message of which page carries which change. */
export const indexLine = (page: number, position: number, row: PlannedRow): string =>
  `${page}\t${position}\t${row.values[0] ?? ''}\t${row.fingerprint.high}\t${row.fingerprint.low}\t${row.sequence}\n`;
