export type Row = (string | null)[];

/** So much of a chunk is parsed at once. */
const BATCH_BYTES = 256 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/**
 * The rows of a chunk, an array of arrays of texts and nulls, as its bytes come in: never more of it in memory than a
 * batch and a row.
 *
 * @throws Error when the bytes end before the array does
 */
export async function* splitRows(pieces: AsyncIterable<Buffer>): AsyncGenerator<Row[]> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** Of what is held, up to the end of the last whole row. */
  let wholeBytes = 0;
  let depth = 0;
  let inText = false;
  let escaped = false;
  let ended = false;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at];
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (byte === OPEN) depth += 1;
      else if (byte === CLOSE) {
        depth -= 1;
        if (depth === 1) wholeBytes = heldBytes + at + 1;
        else ended = depth === 0;
      }
    }
    held.push(piece);
    heldBytes += piece.length;
    if (wholeBytes < BATCH_BYTES) continue;
    const all = Buffer.concat(held);
    yield rowsIn(all.subarray(0, wholeBytes));
    held = [all.subarray(wholeBytes)];
    heldBytes = all.length - wholeBytes;
    wholeBytes = 0;
  }
  if (!ended) throw new Error('a chunk ended too early');
  if (wholeBytes > 0) yield rowsIn(Buffer.concat(held).subarray(0, wholeBytes));
}

/** @param bytes whole rows, behind the bracket that opens the chunk or a comma */
const rowsIn = (bytes: Buffer): Row[] =>
  JSON.parse(`[${bytes.toString('utf8').trimStart().slice(1)}]`) as Row[];
