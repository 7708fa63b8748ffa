import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_LINE_BYTES } from '../vocabulary/spool.ts';
import { EMPTY_LINE } from './files.ts';
import { lineCutter } from './spool.ts';

function cutAll(chunks: readonly Buffer[]): string[] {
  const cut = lineCutter();
  const out = Buffer.concat([...chunks.flatMap((chunk) => cut.push(chunk)), cut.rest()]).toString('utf8');
  expect(out === '' || out.endsWith('\n')).toBe(true);
  return out.split('\n').slice(0, -1);
}

function inChunks(text: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let start = 0;
  for (let chunk = 0; start < text.length; chunk++) {
    const size = sizes[chunk % sizes.length] ?? text.length;
    chunks.push(text.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

describe('the spool is cut into lines', () => {
  const short = fc.stringMatching(/^[a-zäß😀\t]{0,5}$/u);
  const long = fc
    .tuple(
      fc.integer({ min: MAX_LINE_BYTES - 3, max: MAX_LINE_BYTES * 2 + 3 }),
      fc.constantFrom('x', 'é', '€', '😀'),
    )
    .map(([bytes, character]) => `k\t${character.repeat(Math.ceil(bytes / Buffer.byteLength(character)))}`);

  it('every line comes out as it went in, however the chunks fall, and one that is too long is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: short, weight: 8 }, { arbitrary: long, weight: 1 }), {
          maxLength: 12,
        }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1000, max: 200_000 })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.boolean(),
        (lines, sizes, lastNewline) => {
          const whole = lines.map((line) => `${line}\n`).join('');
          const text = Buffer.from(lastNewline ? whole : whole.slice(0, -1));
          const expected = lastNewline || lines.at(-1) !== '' ? lines : lines.slice(0, -1);
          const out = cutAll(inChunks(text, sizes));
          expect(out).toHaveLength(expected.length);
          for (const [position, line] of expected.entries()) {
            const written = out[position] ?? '';
            if (line === '') expect(written).toBe(EMPTY_LINE);
            else if (Buffer.byteLength(line) <= MAX_LINE_BYTES) expect(written).toBe(line);
            else {
              expect(line.startsWith(written)).toBe(true);
              expect(Buffer.byteLength(written)).toBeGreaterThan(MAX_LINE_BYTES - 4);
              expect(Buffer.byteLength(written)).toBeLessThanOrEqual(MAX_LINE_BYTES);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a last line without a newline is a line', () => {
    expect(cutAll([Buffer.from('a\nb')])).toEqual(['a', 'b']);
  });
});
