import { setImmediate as letOthersRun } from 'node:timers/promises';
import { objects } from '../definitions/objects.ts';
import type { SyncForMapping } from '../mapping/choose-traits.ts';
import type { CompiledMapping } from '../mapping/compile.ts';
import type { EnvelopeOptions } from '../mapping/envelope-writer.ts';
import { keyText } from '../mapping/key.ts';
import { messageWriter, type MessageWriter } from '../mapping/message.ts';
import type { FixedIdParts } from '../mapping/message-id.ts';
import { compileRemoval } from '../mapping/removal.ts';
import { packBatches, type BatchLimits } from '../segment/batch.ts';
import { indexLine, keyOfRow, readPage } from '../snapshot/pages.ts';
import { batchesWriter } from '../vocabulary/batches-at-rest.ts';
import type { InvalidRow } from './invalid-at-rest.ts';

/** What the pages of a plan are mapped by. */
export interface PageMapping {
  write: MessageWriter;
  /** Of a row that left the model: its key is all that there is. */
  writeRemoved: MessageWriter;
  /** How many of a row's first values make its key. */
  keyParts: number;
  messageId: MessageIdOf;
  limits: BatchLimits;
}

type MessageIdOf = (key: string, sequence: number, fingerprint: string) => string;

export function pageMapping(
  sync: SyncForMapping,
  compiled: CompiledMapping,
  given: {
    options: EnvelopeOptions;
    idsOf: (kind: FixedIdParts['kind']) => MessageIdOf;
    limits: BatchLimits;
  },
): PageMapping {
  const { idsOf, limits, options } = given;
  const write = messageWriter(compiled, options);
  const removal = compileRemoval(sync, compiled);
  const messageId = idsOf(objects[compiled.object].call);
  return {
    write,
    writeRemoved: removal === null ? write : messageWriter(removal.mapping, options),
    keyParts: compiled.keyColumns.length,
    // An event is named by its key alone: each row once, whatever it says by now.
    messageId: compiled.object === 'event' ? (key) => messageId(key, 0, '') : messageId,
    limits,
  };
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
  { keyParts, limits, messageId, write, writeRemoved }: PageMapping,
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
    const spooled = keyOfRow(row, keyParts);
    const key = keyText(spooled);
    const { high, low } = row.fingerprint;
    const identity = { messageId: messageId(key, row.sequence, `${high}-${low}`) };
    const written = (row.change === 'removed' ? writeRemoved : write)(row.values, identity);
    if ('invalid' in written) {
      invalid.push({ key, change: row.change, reason: written.invalid, column: written.column });
      continue;
    }
    index.push(indexLine(page, sizes.length, row, spooled));
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
