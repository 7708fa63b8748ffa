import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvLine } from './csv.ts';

/** RFC 4180 read by its grammar, one character after the other. */
function read(text: string): (string | null)[][] {
  const lines: (string | null)[][] = [];
  let at = 0;
  while (at < text.length) {
    const line: (string | null)[] = [];
    for (;;) {
      let field: string | null = null;
      if (text[at] === '"') {
        field = '';
        for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
          if (text[at] === '"') at++;
          field += text[at];
        }
        at++;
      } else {
        const start = at;
        while (text[at] !== ',' && text[at] !== '\r') at++;
        if (at > start) field = text.slice(start, at);
      }
      line.push(field);
      if (text[at++] === '\r') break;
    }
    at++;
    lines.push(line);
  }
  return lines;
}

describe('a line of CSV', () => {
  it('quotes what has to be quoted, and nothing else', () => {
    expect(csvLine(['plain', null, '', 'a,b', 'say "hi"', 'two\nlines', ' é '])).toBe(
      'plain,,"","a,b","say ""hi""","two\nlines", é \r\n',
    );
  });

  it('is read back as it was, null and empty string apart', () => {
    const field = fc.option(fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a', ' ', '😀') }));
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 4 }), (lines) => {
        expect(read(lines.map(csvLine).join(''))).toEqual(lines);
      }),
    );
  });
});
