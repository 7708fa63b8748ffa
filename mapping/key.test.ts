import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText, dateText, decimalText, integerText } from '../test/support/canonical-values.ts';
import { column } from '../test/support/columns.ts';
import { columnKinds } from '../vocabulary/columns.ts';
import { escapeSpool } from '../vocabulary/spool.ts';
import { keyKinds, keyText, keyWriter } from './key.ts';

const texts: Record<string, fc.Arbitrary<string>> = {
  text: anyText,
  integer: integerText,
  decimal: decimalText,
  date: dateText,
};

describe('a key', () => {
  it.each(keyKinds)('of kind %s is sent as the string of what the warehouse says, digit by digit', (kind) => {
    const write = keyWriter(column('id', kind));
    fc.assert(
      fc.property(texts[kind] ?? fc.constant(''), (text) => {
        const json = write(escapeSpool(text));
        expect(typeof json === 'string' ? JSON.parse(json) : json).toBe(text);
        expect(keyText(escapeSpool(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['text', '01', '1'],
    ['text', ' 1', '1'],
    ['text', 'A', 'a'],
    ['text', 'é', 'e\u0301'],
    ['text', '9007199254740993', '9007199254740992'],
    ['integer', '9007199254740993', '9007199254740992'],
    ['integer', '123456789012345678901234567890', '123456789012345678901234567891'],
    ['decimal', '1', '1.0'],
    ['decimal', '0.30000000000000001', '0.3'],
  ] as const)('of kind %s tells %j from %j', (kind, one, other) => {
    const write = keyWriter(column('id', kind));
    expect(write(one)).toBe(JSON.stringify(one));
    expect(write(other)).toBe(JSON.stringify(other));
  });

  it.each([
    ['decimal', 'NaN', 'not_finite'],
    ['decimal', 'Infinity', 'not_finite'],
    ['date', 'infinity', 'timestamp_out_of_range'],
    ['date', '0044-03-15 BC', 'timestamp_out_of_range'],
    ['text', 'x'.repeat(40_000), 'too_large'],
  ] as const)('of kind %s that is %.20s names nobody', (kind, text, invalid) => {
    expect(keyWriter(column('id', kind))(text)).toEqual({ invalid });
  });

  it('is of a kind with one text for a value', () => {
    expect(columnKinds.filter((kind) => !keyKinds.includes(kind))).toEqual([
      'float',
      'boolean',
      'timestamp',
      'json',
      'binary',
    ]);
  });
});
