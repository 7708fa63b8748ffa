import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalizations, type Normalization } from '../definitions/sync.ts';
import { normalizeName } from './normalize.ts';

/** The tables of the page that users read: a name, then what each rule makes of it. */
const page = readFileSync(new URL('../docs/normalization.md', import.meta.url), 'utf8');
const rows = page
  .slice(page.indexOf('## Examples'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (-|`match_source_names`)/.test(line))
  .map((line) => line.split('|').slice(1, -1).map(readCell));

function readCell(cell: string): string {
  const text = cell.trim();
  if (text === '_none_') return '';
  return JSON.parse(`"${text.replace(/^`|`$/g, '')}"`) as string;
}

describe('the page about normalization', () => {
  it('has a table for each rule, in the order of the definitions', () => {
    for (const [header = ''] of page.matchAll(/^\| `match_source_names`.*`$/gm)) {
      expect(header.match(/\w+/g)).toEqual(normalizations);
    }
    expect(rows.length).toBeGreaterThanOrEqual(40);
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
  });

  it.each(rows)('is right about %j', (...cells) => {
    const [name = ''] = cells;
    expect(normalizations.map((rule) => normalizeName(rule, name))).toEqual(cells);
  });
});

describe('whatever a column is called', () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('a', 'B', 'c', 'D', 's', 'İ', 'ß', '1', '2', '_', ' ', "'", '\u0301', '\u00ad'),
    }),
  );
  const casing = fc.constantFrom(...normalizations.filter((rule) => rule !== 'match_source_names'));

  it('match_source_names changes nothing', () => {
    fc.assert(
      fc.property(name, (column) => expect(normalizeName('match_source_names', column)).toBe(column)),
    );
  });

  it('a name that a rule made is what the rule makes of it again', () => {
    const stable: Normalization[] = [
      'match_source_names',
      'lower_case',
      'upper_case',
      'start_case',
      'snake_case',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...stable), name, (by, column) => {
        const once = normalizeName(by, column);
        expect(normalizeName(by, once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('start_case and camel_case and snake_case agree on its words', () => {
    const ascii = fc.string({ unit: fc.constantFrom(..."abcdABCDs12_ '-") });
    fc.assert(
      fc.property(ascii, (column) => {
        const snake = normalizeName('snake_case', column);
        expect(normalizeName('start_case', column).toLowerCase()).toBe(snake.replaceAll('_', ' '));
        expect(normalizeName('camel_case', column).toLowerCase()).toBe(snake.replaceAll('_', ''));
      }),
    );
  });

  it('the words hold letters, marks and digits only', () => {
    fc.assert(
      fc.property(name, (column) => {
        expect(normalizeName('snake_case', column)).toMatch(/^([\p{L}\p{M}\p{N}]+(_[\p{L}\p{M}\p{N}]+)*)?$/u);
        expect(normalizeName('start_case', column)).toMatch(/^([\p{L}\p{M}\p{N}]+( [\p{L}\p{M}\p{N}]+)*)?$/u);
        expect(normalizeName('camel_case', column)).toMatch(/^[\p{L}\p{M}\p{N}]*$/u);
      }),
    );
  });

  it('accents are composed, so names that look the same are the same', () => {
    fc.assert(
      fc.property(casing, name, (by, column) => {
        const made = normalizeName(by, column);
        expect(made.normalize('NFC')).toBe(made);
        expect(normalizeName(by, column.normalize('NFD'))).toBe(made);
      }),
    );
  });
});
