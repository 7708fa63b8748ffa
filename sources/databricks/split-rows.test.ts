import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitRows, type Row } from './split-rows.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function split(text: string, size: number): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of splitRows(inPieces(Buffer.from(text), size))) rows.push(...batch);
  return rows;
}

describe('databricks: the rows of a chunk', () => {
  it('come whole, wherever the bytes are cut', async () => {
    const value = fc.option(fc.string({ unit: 'grapheme' }));
    const texts = fc.oneof(value, fc.constantFrom('"', '\\', '[', ']', '],[', '\\"]', '😀'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(texts, { minLength: 1, maxLength: 4 })),
        fc.integer({ min: 1, max: 40 }),
        async (rows, size) => {
          expect(await split(JSON.stringify(rows), size)).toEqual(rows);
        },
      ),
    );
  });

  it('come in batches that are bounded', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => [String(index), 'x'.repeat(90)]);
    const batches: number[] = [];
    const chunk = Buffer.from(JSON.stringify(rows));
    for await (const batch of splitRows(inPieces(chunk, 65_536))) batches.push(batch.length);
    expect(batches.length).toBeGreaterThan(5);
    expect(batches.reduce((sum, length) => sum + length)).toBe(rows.length);
  });

  it('may be written with white space', async () => {
    expect(await split(' [ ["1", null] ,\n ["2", ""] ]\n', 7)).toEqual([
      ['1', null],
      ['2', ''],
    ]);
    expect(await split('[]', 1)).toEqual([]);
  });

  it.each(['', '[["1"],["2"]', '[["1"],["2', '[["1"],'])(
    'are not taken for all when %j is all',
    async (text) => {
      await expect(split(text, 3)).rejects.toThrow('too early');
    },
  );
});
