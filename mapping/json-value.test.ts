import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLosslessNumber, parse } from 'lossless-json';
import { jsonNumberText, jsonText } from '../test/support/canonical-values.ts';
import { sameNumber } from '../test/support/exact-number.ts';
import { jsonValue } from './json-value.ts';

/** The same value, but that a number which a double would change is a string of its digits. */
function expectSame(before: unknown, after: unknown): void {
  if (isLosslessNumber(before)) {
    const text = String(before);
    if (isLosslessNumber(after)) {
      expect(after.toString()).toBe(text);
      expect(sameNumber(String(Number(text)), text)).toBe(true);
    } else {
      expect(after).toBe(text);
      expect(Number.isFinite(Number(text)) && sameNumber(String(Number(text)), text)).toBe(false);
    }
  } else if (Array.isArray(before)) {
    expect(after).toHaveLength(before.length);
    for (const [position, item] of before.entries()) expectSame(item, (after as unknown[])[position]);
  } else if (typeof before === 'object' && before !== null) {
    expect(Object.keys(after as object)).toEqual(Object.keys(before));
    for (const [name, item] of Object.entries(before))
      expectSame(item, (after as Record<string, unknown>)[name]);
  } else {
    expect(after).toBe(before);
  }
}

describe('a JSON value', () => {
  it('loses no digit of any number in it', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const json = jsonValue(text);
        if (json === null) throw new Error(text);
        expectSame(parse(text), parse(json));
      }),
      { numRuns: 1000 },
    );
  });

  it('has its numbers found between strings that look like numbers', () => {
    const tricky = fc.tuple(
      jsonNumberText,
      fc.constantFrom('\\"', '\\\\', '"', ':', ',', '\\u0022', ' 12345678901234567890 '),
    );
    fc.assert(
      fc.property(fc.array(tricky), (parts) => {
        const value = parts.map(([number, text]) => `{${JSON.stringify(`${text}${number}`)}:${number}}`);
        const text = `[${value.join(',')}]`;
        expectSame(parse(text), parse(jsonValue(text) ?? ''));
      }),
    );
  });

  it.each([
    ['{"b":1,"a":{"c":[1, 2]}}', '{"b":1,"a":{"c":[1, 2]}}'],
    ['{"a":1,"a":2}', '{"a":1,"a":2}'],
    ['{"__proto__":{"x":1}}', '{"__proto__":{"x":1}}'],
    ['[9007199254740992,9007199254740993]', '[9007199254740992,"9007199254740993"]'],
    ['[1e400,-1e400,1e-400,1e22]', '["1e400","-1e400","1e-400",1e22]'],
    ['[0.10000000000000000,12345678901234567890e-10]', '[0.10000000000000000,"12345678901234567890e-10"]'],
    ['{"12345678901234567890":"12345678901234567890"}', '{"12345678901234567890":"12345678901234567890"}'],
    ['"tab\\t line\\n \\u0000 \\ud800 \u2028"', '"tab\\t line\\n \\u0000 \\ud800 \u2028"'],
    ['\n{\r\n\t"a" : 1\n}\n', '{"a" : 1}'],
    [
      `${'['.repeat(5000)}12345678901234567890${']'.repeat(5000)}`,
      `${'['.repeat(5000)}"12345678901234567890"${']'.repeat(5000)}`,
    ],
  ])('%s arrives as %s', (text, json) => {
    expect(jsonValue(text)).toBe(json);
  });

  it.each(['', ' ', '{', "{'a':1}", 'undefined', '[1,]', '"\n"', '1 2', '\ufeff1'])('%j is none', (text) => {
    expect(jsonValue(text)).toBeNull();
  });
});
