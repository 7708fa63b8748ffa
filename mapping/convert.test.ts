import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { valueTypes, type ValueType } from '../definitions/mapping-entry.ts';
import { anyText, spooledValue } from '../test/support/canonical-values.ts';
import { column } from '../test/support/columns.ts';
import { sameNumber } from '../test/support/exact-number.ts';
import { columnKinds, type ColumnKind } from '../vocabulary/columns.ts';
import { invalidReasons } from '../vocabulary/invalid.ts';
import { escapeSpool, unescapeSpool } from '../vocabulary/spool.ts';
import { canBecome, convertingWriter } from './convert.ts';

const written = (kind: ColumnKind, type: ValueType, text: string): unknown => {
  const json = convertingWriter(column('c', kind), type)(escapeSpool(text));
  return typeof json === 'string' ? json : json.invalid;
};
const NOT = 'not_convertible';

describe('a value becomes', () => {
  it.each<[ColumnKind, string, ValueType, string]>([
    ['text', 'a"b', 'string', '"a\\"b"'],
    ['integer', '9007199254740993', 'string', '"9007199254740993"'],
    ['integer', '7', 'string', '"7"'],
    ['decimal', '12.50', 'string', '"12.50"'],
    ['float', '1e-07', 'string', '"1e-7"'],
    ['boolean', 't', 'string', '"true"'],
    ['timestamp', '2024-02-29 21:59:59.5+00', 'string', '"2024-02-29T21:59:59.5Z"'],
    ['date', '2024-02-29', 'string', '"2024-02-29"'],
    ['json', '{"a": 9007199254740993}', 'string', '"{\\"a\\": \\"9007199254740993\\"}"'],
    ['json', '"a\\u0062"', 'string', '"ab"'],
    ['json', '[1,\n2]', 'string', '"[1,2]"'],
    ['json', ' null ', 'string', 'null'],
    ['binary', 'AP8=', 'string', '"AP8="'],
    ['text', ' +12.50 ', 'number', '12.5'],
    ['text', '007', 'number', '7'],
    ['text', '1e3', 'number', '1000'],
    ['integer', '9007199254740991', 'number', '9007199254740991'],
    ['decimal', '-0.00', 'number', '0'],
    ['boolean', 't', 'number', '1'],
    ['json', '"12"', 'number', '12'],
    ['json', '12.5', 'number', '12.5'],
    ['decimal', '12.00', 'integer', '12'],
    ['float', '3', 'integer', '3'],
    ['boolean', 'f', 'integer', '0'],
    ['text', 'Yes', 'boolean', 'true'],
    ['text', ' off ', 'boolean', 'false'],
    ['integer', '0', 'boolean', 'false'],
    ['json', 'true', 'boolean', 'true'],
    ['boolean', 'f', 'boolean', 'false'],
    ['text', '2024-02-29', 'datetime', '"2024-02-29T00:00:00Z"'],
    ['text', '2024-02-29 12:00', 'datetime', '"2024-02-29T12:00:00Z"'],
    ['text', '2024-02-29T23:30:00.123456789-01:00', 'datetime', '"2024-03-01T00:30:00.123456789Z"'],
    ['text', '2024-02-29T12:00:00+0530', 'datetime', '"2024-02-29T06:30:00Z"'],
    ['text', '2024-02-29 12:00:00 UTC', 'datetime', '"2024-02-29T12:00:00Z"'],
    ['text', '0099-01-01', 'datetime', '"0099-01-01T00:00:00Z"'],
    ['date', '2024-02-29', 'datetime', '"2024-02-29T00:00:00Z"'],
    ['timestamp', '2024-02-29 21:59:59.123456', 'datetime', '"2024-02-29T21:59:59.123456Z"'],
  ])('%s %j as %s: %s', (kind, text, type, json) => {
    expect(written(kind, type, text)).toBe(json);
  });
});

describe('a value that would say something else makes its row invalid', () => {
  it.each<[ColumnKind, string, ValueType, string]>([
    ['text', '', 'number', NOT],
    ['text', '12 apples', 'number', NOT],
    ['text', '0x10', 'number', NOT],
    ['text', '1,000', 'number', NOT],
    ['text', 'NaN', 'number', NOT],
    ['text', '9007199254740993', 'number', NOT],
    ['integer', '9007199254740993', 'integer', NOT],
    ['text', '9007199254740992', 'integer', NOT],
    ['decimal', '0.12345678901234567', 'number', NOT],
    ['decimal', '12.5', 'integer', NOT],
    ['json', '[1]', 'integer', NOT],
    ['json', '{"a":9007199254740993}', 'number', NOT],
    ['text', 'maybe', 'boolean', NOT],
    ['text', '__proto__', 'boolean', NOT],
    ['integer', '2', 'boolean', NOT],
    ['text', '29.02.2024', 'datetime', NOT],
    ['text', '2023-02-29', 'datetime', NOT],
    ['text', '2024-02-29T25:00', 'datetime', NOT],
    ['text', '2024-02-29T12:00+25', 'datetime', NOT],
    ['text', '0000-01-01', 'datetime', NOT],
    ['text', '9999-12-31T23:30-01', 'datetime', NOT],
    ['text', '1709164800', 'datetime', NOT],
    ['text', 'now', 'datetime', NOT],
    ['decimal', 'NaN', 'string', 'not_finite'],
    ['timestamp', 'infinity', 'datetime', 'timestamp_out_of_range'],
    ['json', '{', 'string', 'json_invalid'],
  ])('%s %j as %s: %s', (kind, text, type, reason) => {
    expect(written(kind, type, text)).toBe(reason);
  });
});

describe('whatever a source spools', () => {
  const pairs = columnKinds.flatMap((kind) =>
    valueTypes.filter((type) => canBecome(kind, type)).map((type) => ({ kind, type })),
  );
  const typeNames: Record<ValueType, string> = {
    string: 'string',
    datetime: 'string',
    number: 'number',
    integer: 'number',
    boolean: 'boolean',
  };

  it.each(pairs)(
    'a $kind as $type is of that type and keeps its digits, or has a reason',
    ({ kind, type }) => {
      fc.assert(
        fc.property(spooledValue(kind), (spooled) => {
          const json = convertingWriter(column('c', kind), type)(spooled);
          if (typeof json !== 'string') {
            expect(Object.keys(invalidReasons)).toContain(json.invalid);
            return;
          }
          const value = JSON.parse(json) as unknown;
          expect(Buffer.from(json).toString('utf8')).toBe(json);
          expect(json).not.toMatch(/[\u0000-\u001f]/);
          if (value === null) return;
          expect(typeof value).toBe(typeNames[type]);
          if (kind === 'integer' || kind === 'decimal') {
            const said = typeof value === 'string' ? value : JSON.stringify(Number(value));
            expect(sameNumber(said, unescapeSpool(spooled))).toBe(true);
          }
        }),
      );
    },
  );

  it('a text as a string is the same text', () => {
    fc.assert(
      fc.property(anyText, (text) => expect(JSON.parse(String(written('text', 'string', text)))).toBe(text)),
    );
  });
});
