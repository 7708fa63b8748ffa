import { setTimeout as sleep } from 'node:timers/promises';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ColumnKind } from '../../vocabulary/columns.ts';
import { escapeSpool, SPOOL_NULL, type Piece } from '../../vocabulary/spool.ts';
import type { RowType, SnowflakeColumn } from './columns.ts';
import type { KeptResult } from './kept-result.ts';
import type { WireRow } from './row-blocks.ts';
import type { Decode } from './wire-values.ts';

/** Tries without a row in between. */
const TRIES = 4;
const FIRST_PAUSE_MS = 250;

/** A place in a result: rows are counted from 0, in the order in which the result is kept. */
export interface ResultPlace {
  queryId: string;
  row: number;
  /** What the columns were before `selected` made texts of some: the result itself does not say. */
  rowtype: readonly RowType[];
}

export interface ReadResult {
  from: ResultPlace;
  columns: readonly SnowflakeColumn[];
  maxValueBytes: number;
  signal: AbortSignal;
  /** With addresses of its chunks that are good now. */
  open(): Promise<KeptResult>;
  translate(error: unknown): Promise<BackhaulError>;
}

/**
 * The rows of a result as spool, with a place behind each part. When a part breaks off, or its address has run out, the
 * result is opened again and read on behind the last row.
 */
export async function* readResult(options: ReadResult): AsyncGenerator<Piece> {
  const { columns, from, maxValueBytes, open, signal, translate } = options;
  let { row } = from;
  yield { place: { ...from, row } };
  for (let failures = 0; ;) {
    const before = row;
    try {
      const { parts } = await open();
      for (const part of parts) {
        const end = part.firstRow + part.rows;
        if (end <= row) continue;
        let at = part.firstRow;
        for await (const block of part.blocks(signal)) {
          const news = at < row ? block.slice(row - at) : block;
          at += block.length;
          if (news.length === 0) continue;
          const lines = spoolLines(news, columns, maxValueBytes);
          row = at;
          yield lines;
        }
        if (row !== end)
          throw new BackhaulError('source_partial_result', `a chunk ended at row ${row} of ${end}`);
        yield { place: { ...from, row } };
      }
      return;
    } catch (error) {
      const failure = await translate(error);
      failures = row > before ? 1 : failures + 1;
      if (signal.aborted || failure.code !== 'source_interrupted' || failures >= TRIES) throw failure;
      await sleep(FIRST_PAUSE_MS * 2 ** failures, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Of these no text has a character that the spool escapes, or is long. */
const PLAIN: readonly ColumnKind[] = ['integer', 'decimal', 'float', 'boolean', 'timestamp', 'date'];

function spoolLines(rows: readonly WireRow[], columns: readonly SnowflakeColumn[], maxBytes: number): Buffer {
  const write = columns.map(({ decode, kind }) => valueWriter(decode, PLAIN.includes(kind), maxBytes));
  let lines = '';
  for (const row of rows) {
    for (let position = 0; position < write.length; position += 1) {
      if (position > 0) lines += '\t';
      lines += write[position]?.(row[position] ?? null) ?? SPOOL_NULL;
    }
    lines += '\n';
  }
  return Buffer.from(lines);
}

function valueWriter(decode: Decode | null, plain: boolean, maxBytes: number) {
  const text = decode ?? ((wire: string) => wire);
  if (plain) return (wire: string | null): string => (wire === null ? SPOOL_NULL : text(wire));
  return (wire: string | null): string => {
    if (wire === null) return SPOOL_NULL;
    const value = text(wire);
    return escapeSpool(value.length > maxBytes ? value.slice(0, maxBytes + 1) : value);
  };
}
