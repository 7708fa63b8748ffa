import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { unescapeSpool } from '../../vocabulary/spool.ts';
import { spoolLine } from '../spool-line.ts';
import { spoolBytes } from './spool-bytes.ts';
import { shortestFloat, withoutZeroDay } from './value-bytes.ts';

describe('mysql: the bytes of values', () => {
  it('become the same lines as texts do', () => {
    const text = fc.string({
      unit: fc.constantFrom('\\', '\t', '\n', '\r', '\b', '\f', '\v', 'N', 'é', '漢', '👋'),
    });
    const rows = fc.array(fc.array(fc.option(text), { minLength: 1, maxLength: 4 }), { maxLength: 9 });
    fc.assert(
      fc.property(rows, (texts) => {
        const lines = spoolBytes([], 16);
        for (const row of texts) {
          lines.add(row.map((value) => (value === null ? null : Buffer.from(value))));
        }
        expect(lines.take().toString()).toBe(texts.map((row) => spoolLine(row, 1_000)).join(''));
      }),
    );
  });

  it('of a piece that was taken stay as they are', () => {
    const lines = spoolBytes([], 64);
    lines.add([Buffer.from('one\n')]);
    const piece = lines.take();
    lines.add([Buffer.from('two')]);
    expect([piece.toString(), lines.size()]).toEqual(['one\\n\n', 4]);
    expect(unescapeSpool('one\\n')).toBe('one\n');
  });

  it('of any float are the shortest that say it', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = shortestFloat(Buffer.from(String(value))).toString();
        expect(Math.fround(Number(text))).toBe(value === 0 ? 0 : value);
        expect(text.length).toBeLessThanOrEqual(String(value).length);
      }),
    );
    expect(shortestFloat(Buffer.from('0.10000000149011612')).toString()).toBe('0.1');
  });

  it.each([
    ['2024-00-10', '0000-00-00'],
    ['2024-10-00 10:00:00.5', '0000-00-00 10:00:00.5'],
    ['2024-10-10', '2024-10-10'],
    ['2000-10-20 00:00:00', '2000-10-20 00:00:00'],
  ])('of the date %s are %s', (written, canonical) => {
    expect(withoutZeroDay(Buffer.from(written)).toString()).toBe(canonical);
  });
});
