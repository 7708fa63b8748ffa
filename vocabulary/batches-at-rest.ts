/**
 * The batches of a page at rest: one message a line. A line that ends in a comma goes on with the next message of its
 * batch, one that ends in a space ends the batch. JSON text holds no raw newline and a message ends in `}`, so messages
 * and batches are found without parsing, and any run of lines is ready to be put between the brackets of a POST.
 */
export interface BatchesAtRest {
  messages: number;
  /** Messages [first, beyond) of each batch, in order. */
  batches: Range[];
  /** The messages [first, beyond) as Segment gets them between brackets. */
  text(range: Range): Buffer;
}

export interface Range {
  first: number;
  beyond: number;
}

const NEWLINE = 0x0a;
const COMMA = 0x2c;

const SPACE = 0x20;
const SEPARATOR = ',\n';
const FIRST_BYTES = 4_000_000;

export interface BatchesWriter {
  /** @param bytes of the message in UTF-8 */
  add(message: string, bytes: number): void;
  /** @param batches [first, beyond) of each batch, which together cover the messages in order */
  finish(batches: readonly Range[]): Buffer;
}

/** Takes each message to its bytes as it comes: a page's messages are never held as strings, nor joined. */
export function batchesWriter(): BatchesWriter {
  let blob = Buffer.allocUnsafe(FIRST_BYTES);
  let length = 0;
  /** Where each message's separator is. */
  const ends: number[] = [];
  return {
    add(message, bytes) {
      const needed = length + bytes + SEPARATOR.length;
      if (needed > blob.length) {
        const larger = Buffer.allocUnsafe(Math.max(needed, blob.length * 2));
        blob.copy(larger, 0, 0, length);
        blob = larger;
      }
      blob.write(message, length, 'utf8');
      ends.push(length + bytes);
      blob.write(SEPARATOR, length + bytes, 'latin1');
      length = needed;
    },
    finish(batches) {
      for (const { beyond } of batches) blob[ends[beyond - 1] ?? -1] = SPACE;
      return blob.subarray(0, length);
    },
  };
}

export function readBatches(blob: Buffer): BatchesAtRest {
  const starts: number[] = [];
  const batches: Range[] = [];
  let start = 0;
  let first = 0;
  for (let end = blob.indexOf(NEWLINE); end >= 0; end = blob.indexOf(NEWLINE, start)) {
    starts.push(start);
    start = end + 1;
    if (blob[end - 1] === COMMA) continue;
    batches.push({ first, beyond: starts.length });
    first = starts.length;
  }
  const startOf = (message: number): number => starts[message] ?? blob.length;
  return {
    messages: starts.length,
    batches,
    text(range) {
      if (range.beyond <= range.first) return Buffer.alloc(0);
      const last = startOf(range.beyond) - 2;
      return blob.subarray(startOf(range.first), last);
    },
  };
}
