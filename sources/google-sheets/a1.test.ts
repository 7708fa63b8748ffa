import { describe, expect, it } from '@jest/globals';
import { columnLetters, formatA1, parseA1 } from './a1.ts';

const area = (top: number, left: number, bottom: number | null, right: number | null) => ({
  top,
  left,
  bottom,
  right,
});

describe('google_sheets: ranges in A1 notation', () => {
  it.each([
    ['A1:F500', null, area(1, 1, 500, 6)],
    ['$B$2:$C$3', null, area(2, 2, 3, 3)],
    ['F500:A1', null, area(1, 1, 500, 6)],
    ['A:F', null, area(1, 1, null, 6)],
    ['2:9', null, area(2, 1, 9, null)],
    ['B2:F', null, area(2, 2, null, 6)],
    ['C7', null, area(7, 3, 7, 3)],
    ['Users!aa1:ab2', 'Users', area(1, 27, 2, 28)],
    ["'It''s a tab'!A:A", "It's a tab", area(1, 1, null, 1)],
    ["'a!b'!A1", 'a!b', area(1, 1, 1, 1)],
  ])('%s', (text, tab, expected) => {
    expect(parseA1(text)).toEqual({ tab, area: expected });
  });

  it.each(['', ':', 'A1:', ':B2', 'A', '7', 'my_range', 'A0', 'A1:B2:C3', 'Users!', 'R1C1:R2C2'])(
    '"%s" is none',
    (text) => {
      expect(parseA1(text)).toBeNull();
    },
  );

  it('are written with the tab in quotes', () => {
    expect(formatA1("It's a tab", area(2, 1, 9, 28) as never)).toBe("'It''s a tab'!A2:AB9");
    expect([1, 26, 27, 702, 703].map(columnLetters)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
  });
});
