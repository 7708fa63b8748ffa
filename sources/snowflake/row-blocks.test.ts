import { describe, expect, it } from '@jest/globals';
import { rowBlocks, type WireRow } from './row-blocks.ts';

async function* cut(text: string, length: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

async function read(rows: readonly WireRow[], pieceLength: number): Promise<WireRow[][]> {
  const blocks: WireRow[][] = [];
  for await (const block of rowBlocks(cut(JSON.stringify(rows).slice(1, -1), pieceLength)))
    blocks.push(block);
  return blocks;
}

const awkward = ['],["', '"],["', '\\', '\\"', '[', ']', 'null', '', '],\n[', '😀', 'a\\\\"b'];

describe('snowflake: the rows of a chunk', () => {
  it.each([1, 7, 8191, 1_000_003])('are whole though it comes in pieces of %d characters', async (length) => {
    const count = length === 1 ? 20_000 : 60_000;
    const rows = Array.from({ length: count }, (_, index): WireRow => [
      String(index),
      awkward[index % awkward.length] ?? null,
      index % 3 === 0 ? null : 'text that is longer',
    ]);
    const blocks = await read(rows, length);
    expect(blocks.length).toBeGreaterThan(1);
    expect(blocks.flat()).toEqual(rows);
  });

  it('may be longer than a block', async () => {
    const rows: WireRow[] = [['x'.repeat(3_000_000)], ['y'], ['"'.repeat(1_000_000)]];
    expect((await read(rows, 65_536)).flat()).toEqual(rows);
  });

  it('may be none', async () => {
    expect(await read([], 10)).toEqual([]);
  });

  it('may have a line each', async () => {
    const blocks: WireRow[][] = [];
    for await (const block of rowBlocks(cut('["1"],\n["2"]\n', 4))) blocks.push(block);
    expect(blocks.flat()).toEqual([['1'], ['2']]);
  });
});
