import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findLine } from './tabbed-lines.ts';

it('a line is found by one of its fields, and by no part of it and no other field', () => {
  const value = fc.constantFrom('', '0', '1', '10', '01', 'é', 'a b', '\\t');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value, value, value), { maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      value,
      (lines, field, wanted) => {
        const text = Buffer.from(lines.map((line) => `${line.join('\t')}\n`).join(''));
        expect(findLine(text, field, wanted)).toEqual(lines.find((line) => line[field] === wanted) ?? null);
      },
    ),
  );
});
