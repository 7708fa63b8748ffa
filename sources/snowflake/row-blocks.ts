import { BackhaulError } from '../../vocabulary/backhaul-error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = ',';

/** A block is parsed when so much of a chunk has come. */
const BLOCK_CHARACTERS = 512 * 1024;

export type WireRow = readonly (string | null)[];

/**
 * The rows of a chunk, some at a time. A chunk is the inside of a JSON array, `["1","a"],["2",null]`, and may hold hundreds of megabytes:
 * it is cut behind a row, and only the piece is parsed.
 */
export async function* rowBlocks(chunk: AsyncIterable<string>): AsyncGenerator<WireRow[]> {
  let rest = '';
  let wanted = BLOCK_CHARACTERS;
  for await (const text of chunk) {
    rest += text;
    if (rest.length < wanted) continue;
    const end = endOfLastRow(rest);
    // A row that is longer than a block: look again when there is twice as much.
    wanted = end === 0 ? rest.length * 2 : BLOCK_CHARACTERS;
    if (end === 0) continue;
    yield parse(rest.slice(0, end));
    rest = rest.slice(end);
  }
  if (/[^\s,]/.test(rest)) yield parse(rest);
}

const parse = (text: string): WireRow[] => {
  const start = text.indexOf('[');
  const rows = text.trimEnd();
  try {
    return JSON.parse(`[${rows.slice(start, rows.endsWith(COMMA) ? -1 : undefined)}]`) as WireRow[];
  } catch {
    // What the parser says would quote a value.
    throw new BackhaulError('source_partial_result', 'a chunk that is no list of rows');
  }
};

/** Where the last row that is whole ends. The text begins between two rows. */
function endOfLastRow(text: string): number {
  let end = 0;
  let depth = 0;
  let position = 0;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) {
      position = endOfString(text, position + 1);
      if (position < 0) return end;
    } else if (code === OPEN) {
      depth += 1;
    } else if (code === CLOSE) {
      depth -= 1;
      if (depth === 0) end = position + 1;
    }
    position += 1;
  }
  return end;
}

/** The position of the quote that ends a string; -1 when it is not there yet. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (before >= from && text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - 1 - before) % 2 === 0) return quote;
  }
  return -1;
}
