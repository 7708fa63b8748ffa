import { describe, expect, it } from '@jest/globals';
import { parse } from 'lossless-json';
import { column } from '../../test/support/columns.ts';
import { failureOf } from '../../test/support/failure-of.ts';
import type { ColumnKind } from '../../vocabulary/columns.ts';
import { canonicalText, columnsOf } from './columns.ts';

const text = (json: string, kind: ColumnKind): string | null =>
  canonicalText(parse(json), column('value', kind));

describe('rockset: a value in an answer', () => {
  it.each<[string, ColumnKind, string | null]>([
    ['{"__rockset_type": "date", "value": "2024-02-29"}', 'date', '2024-02-29'],
    [
      '{"__rockset_type": "timestamp", "value": "2024-02-29T12:00:00.5Z"}',
      'timestamp',
      '2024-02-29 12:00:00.5',
    ],
    ['"2024-02-29T12:00:00"', 'timestamp', '2024-02-29 12:00:00'],
    ['"+12024-01-01T00:00:00Z"', 'timestamp', '+12024-01-01 00:00:00'],
    ['"NaN"', 'float', 'NaN'],
    ['9007199254740993', 'integer', '9007199254740993'],
    ['1.10', 'float', '1.10'],
    ['{"n": 9007199254740993}', 'json', '{"n":9007199254740993}'],
    ['{"type": "Point", "coordinates": [13.4, 52.5]}', 'json', '{"type":"Point","coordinates":[13.4,52.5]}'],
    ['"P1Y"', 'text', 'P1Y'],
    ['null', 'json', null],
  ])('%s of a %s is %s', (json, kind, canonical) => {
    expect(text(json, kind)).toBe(canonical);
  });

  it.each<[string, ColumnKind]>([
    ['"5"', 'integer'],
    ['1.5', 'integer'],
    ['5', 'text'],
    ['"yesterday"', 'timestamp'],
    ['[1]', 'text'],
  ])('%s of a %s is refused, and not shown', (json, kind) => {
    const failure = failureOf(() => text(json, kind));
    expect(failure?.code).toBe('source_value_unsupported');
    expect(failure?.where).not.toContain('yesterday');
  });
});

describe('rockset: the columns', () => {
  const kindsOf = (documents: Record<string, unknown>[], fields: { name: string; type: string }[] = []) =>
    columnsOf(fields, documents).map(({ name, kind, sourceType }) => [name, kind, sourceType]);

  it('are those that it tells, in that order', () => {
    expect(
      kindsOf(
        [{ b: 1 }],
        [
          { name: 'a', type: 'datetime' },
          { name: 'b', type: 'int' },
        ],
      ),
    ).toEqual([
      ['a', 'timestamp', 'datetime'],
      ['b', 'integer', 'int'],
    ]);
  });

  it('are those of the first documents where it tells none', () => {
    expect(
      kindsOf([
        { a: 1, b: null, c: 1 },
        { a: 1.5, c: 'x', d: [true] },
      ]),
    ).toEqual([
      ['a', 'float', 'float'],
      ['b', 'text', 'null'],
      ['c', 'json', 'mixed'],
      ['d', 'json', 'array'],
    ]);
  });
});
