/**
 * The batches of a page at rest: one message a line. A line that ends in a comma goes on with the next message of its
 * batch, one that does not ends the batch. JSON text holds no raw newline and a message ends in `}`, so messages and
 * batches are found without parsing, and any run of lines is ready to be put between the brackets of a POST.
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

/** @param messages JSON texts; @param batches [first, beyond) of each batch, which together cover them in order */
export function writeBatches(messages: readonly string[], batches: readonly Range[]): string {
  return batches.map(({ first, beyond }) => `${messages.slice(first, beyond).join(',\n')}\n`).join('');
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
      return blob.subarray(startOf(range.first), blob[last] === COMMA ? last : last + 1);
    },
  };
}
