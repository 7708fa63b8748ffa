import { setImmediate as letOthersRun } from 'node:timers/promises';
import { keyText } from '../mapping/key.ts';
import type { MessageWriter } from '../mapping/message.ts';
import { packBatches, type BatchLimits } from '../segment/batch.ts';
import { indexLine, readPage } from '../snapshot/pages.ts';
import { batchesWriter } from '../vocabulary/batches-at-rest.ts';
import type { InvalidRow } from './invalid-at-rest.ts';

/** What the pages of a plan are mapped by. */
export interface PageMapping {
  write: MessageWriter;
  messageId: (key: string, sequence: number, fingerprint: string) => string;
  limits: BatchLimits;
}

export interface MappedRows {
  messages: number;
  batches: { blob: Buffer; count: number };
  index: string;
  invalid: InvalidRow[];
}

/** Mapping is all computing: so often it lets the batches of other lanes, heartbeats and timers have their turn. */
const STRETCH_MS = 20;

/** The rows of a page → its messages in batches, and the rows that are invalid. */
export async function mapPage(
  { limits, messageId, write }: PageMapping,
  page: number,
  rows: Buffer,
): Promise<MappedRows> {
  const messages = batchesWriter();
  const sizes: number[] = [];
  const index: string[] = [];
  const invalid: InvalidRow[] = [];
  let stretchBegan = performance.now();
  for (const row of readPage(rows)) {
    // Not by rows: a template may take long for each.
    if (performance.now() - stretchBegan > STRETCH_MS) {
      await letOthersRun();
      stretchBegan = performance.now();
    }
    const key = keyText(row.values[0] ?? '');
    const { high, low } = row.fingerprint;
    const written = write(row.values, { messageId: messageId(key, row.sequence, `${high}-${low}`) });
    if ('invalid' in written) {
      invalid.push({ key, change: row.change, reason: written.invalid, column: written.column });
      continue;
    }
    index.push(indexLine(page, sizes.length, row));
    messages.add(written.json, written.bytes);
    sizes.push(written.bytes);
  }
  const batches = packBatches(sizes, limits);
  return {
    messages: sizes.length,
    batches: { blob: messages.finish(batches), count: batches.length },
    index: index.join(''),
    invalid,
  };
}
