import { setTimeout as sleep } from 'node:timers/promises';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Piece } from '../../vocabulary/spool.ts';
import { spoolLine } from '../spool-line.ts';
import type { SnowflakeColumn } from './columns.ts';
import type { KeptResult } from './kept-result.ts';
import type { WireRow } from './row-blocks.ts';

/** Tries without a row in between. */
const TRIES = 4;
const FIRST_PAUSE_MS = 250;

/** A place in a result: rows are counted from 0, in the order in which the result is kept. */
export interface ResultPlace {
  queryId: string;
  row: number;
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
  const { queryId } = from;
  let { row } = from;
  yield { place: { queryId, row } };
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
        yield { place: { queryId, row } };
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

function spoolLines(rows: readonly WireRow[], columns: readonly SnowflakeColumn[], maxBytes: number): Buffer {
  const values: (string | null)[] = new Array<string | null>(columns.length).fill(null);
  let lines = '';
  for (const row of rows) {
    for (const [position, { decode }] of columns.entries()) {
      const wire = row[position] ?? null;
      values[position] = wire === null || decode === null ? wire : decode(wire);
    }
    lines += spoolLine(values, maxBytes);
  }
  return Buffer.from(lines);
}
