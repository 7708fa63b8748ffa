import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  anyText,
  base64Text,
  dateText,
  decimalText,
  floatText,
  integerText,
  spooledValue,
  timestampText,
} from '../test/support/canonical-values.ts';
import { column } from '../test/support/columns.ts';
import { sameNumber } from '../test/support/exact-number.ts';
import { failureOf } from '../test/support/failure-of.ts';
import { columnKinds, type ColumnKind } from '../vocabulary/columns.ts';
import { escapeSpool, MAX_VALUE_BYTES } from '../vocabulary/spool.ts';
import { textValue } from './text-value.ts';
import { valueWriter, type WrittenValue } from './value.ts';

const written = (kind: ColumnKind, text: string): WrittenValue =>
  valueWriter(column('c', kind))(escapeSpool(text));

/** What a reader of the message finds. */
function read(kind: ColumnKind, text: string): unknown {
  const json = written(kind, text);
  return typeof json === 'string' ? (JSON.parse(json) as unknown) : json;
}

describe('no digit is lost', () => {
  it('of an integer: a number while a double holds it, else a string', () => {
    fc.assert(
      fc.property(integerText, (text) => {
        const value = read('integer', text);
        expect(typeof value).toBe(Number.isSafeInteger(Number(text)) ? 'number' : 'string');
        expect(BigInt(value as number | string)).toBe(BigInt(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('of a decimal: a number while a double holds it, else a string', () => {
    fc.assert(
      fc.property(decimalText, (text) => {
        const value = read('decimal', text);
        expect(sameNumber(String(value), text)).toBe(true);
        if (typeof value === 'number') expect(Math.abs(value)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
        else expect(value).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('of a float, in whichever form it comes', () => {
    fc.assert(
      fc.property(floatText, (text) => {
        expect(read('float', text)).toBe(Number(text) === 0 ? 0 : Number(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a value is written as', () => {
  it.each<[ColumnKind, string, string]>([
    ['text', '', '""'],
    ['text', 'null', '"null"'],
    ['text', '01', '"01"'],
    ['text', '\\N', '"\\\\N"'],
    ['integer', '9007199254740991', '9007199254740991'],
    ['integer', '9007199254740992', '"9007199254740992"'],
    ['integer', '-9007199254740991', '-9007199254740991'],
    ['integer', '-9007199254740992', '"-9007199254740992"'],
    ['decimal', '12.50', '12.5'],
    ['decimal', '1.0', '1'],
    ['decimal', '-0.00', '0'],
    ['decimal', '0.0000001', '1e-7'],
    ['decimal', '0.1234567890123456', '0.1234567890123456'],
    ['decimal', '0.12345678901234568', '0.12345678901234568'],
    ['decimal', '0.12345678901234567', '"0.12345678901234567"'],
    ['decimal', '0.123456789012345678', '"0.123456789012345678"'],
    ['decimal', '9007199254740991.5', '"9007199254740991.5"'],
    ['decimal', '9007199254740992', '"9007199254740992"'],
    ['decimal', '9007199254740992.00', '"9007199254740992.00"'],
    ['float', '-0', '0'],
    ['float', '1e-07', '1e-7'],
    ['float', '1.7976931348623157e+308', '1.7976931348623157e+308'],
    ['float', '5e-324', '5e-324'],
    ['float', '9007199254740993', '9007199254740992'],
    ['boolean', 't', 'true'],
    ['boolean', 'f', 'false'],
    ['timestamp', '2024-02-29 21:59:59.123456+00', '"2024-02-29T21:59:59.123456Z"'],
    ['timestamp', '0001-01-01 00:00:00', '"0001-01-01T00:00:00Z"'],
    ['date', '9999-12-31', '"9999-12-31"'],
    ['binary', '3q2+7w==', '"3q2+7w=="'],
    ['json', 'null', 'null'],
  ])('%s %j: %s', (kind, text, json) => {
    expect(written(kind, text)).toBe(json);
  });
});

describe('a text arrives as it is', () => {
  it('whatever it holds: controls, quotes, half of a surrogate pair', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(read('text', text)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('and its JSON is one line of valid UTF-8', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = textValue(escapeSpool(text));
        expect(Buffer.from(json).toString('utf8')).toBe(json);
        expect(json).not.toMatch(/[\u0000-\u001f]/);
      }),
      { numRuns: 1000 },
    );
  });

  it('NUL, which PostgreSQL cannot hold and other warehouses can, as JSON writes it', () => {
    expect(written('text', 'a\0b')).toBe('"a\\u0000b"');
  });

  it('bytes in base64', () => {
    fc.assert(fc.property(base64Text, (text) => expect(read('binary', text)).toBe(text)));
  });
});

describe('a time arrives as ISO 8601 in UTC', () => {
  it('with every digit of its fraction', () => {
    fc.assert(
      fc.property(timestampText, (text) => {
        const value = String(read('timestamp', text));
        expect(value.replace('T', ' ').replace('Z', '')).toBe(text.replace('+00', ''));
        expect(new Date(value).toISOString().slice(0, 19)).toBe(value.slice(0, 19));
      }),
    );
  });

  it('a date as its day', () => {
    fc.assert(fc.property(dateText, (text) => expect(read('date', text)).toBe(text)));
  });
});

describe('a row is invalid', () => {
  it.each<[ColumnKind, string, string]>([
    ['decimal', 'NaN', 'not_finite'],
    ['decimal', 'Infinity', 'not_finite'],
    ['float', 'NaN', 'not_finite'],
    ['float', '-Infinity', 'not_finite'],
    ['float', '1e999', 'not_finite'],
    ['timestamp', 'infinity', 'timestamp_out_of_range'],
    ['timestamp', '-infinity', 'timestamp_out_of_range'],
    ['timestamp', '10000-01-01 00:00:00+00', 'timestamp_out_of_range'],
    ['timestamp', '0044-03-15 12:00:00+00 BC', 'timestamp_out_of_range'],
    ['timestamp', '0000-01-01 00:00:00', 'timestamp_out_of_range'],
    ['date', 'infinity', 'timestamp_out_of_range'],
    ['date', '5874897-12-31', 'timestamp_out_of_range'],
    ['date', '-0044-03-15', 'timestamp_out_of_range'],
    ['json', '', 'json_invalid'],
    ['json', '{"a":1', 'json_invalid'],
    ['json', 'NaN', 'json_invalid'],
    ['json', '01', 'json_invalid'],
    ['json', "{'a': 1}", 'json_invalid'],
  ])('for the %s %j: %s', (kind, text, invalid) => {
    expect(written(kind, text)).toEqual({ invalid });
  });

  it.each(columnKinds)('for a %s above 32 KB, which the source may have cut', (kind) => {
    expect(written(kind, '1'.repeat(MAX_VALUE_BYTES + 1))).toEqual({ invalid: 'too_large' });
    expect(written(kind, '山'.repeat(MAX_VALUE_BYTES / 2))).toEqual({ invalid: 'too_large' });
  });

  it('not for a text of exactly 32 KB by itself, however it is escaped', () => {
    for (const character of ['x', '\\', '\n', '"']) {
      const text = character.repeat(MAX_VALUE_BYTES);
      expect(read('text', text)).toBe(text);
      expect(written('text', `${text}x`)).toEqual({ invalid: 'too_large' });
    }
  });
});

describe('a text that is not canonical is a fault of the source, and stops the run', () => {
  it.each<[ColumnKind, string]>([
    ['integer', '1.5'],
    ['integer', '01'],
    ['integer', ''],
    ['integer', '1e3'],
    ['decimal', '1e3'],
    ['decimal', '1,5'],
    ['decimal', '.'],
    ['decimal', '0x10'],
    ['float', 'nan'],
    ['float', ' 1'],
    ['boolean', 'true'],
    ['boolean', ''],
    ['timestamp', '2024-02-29T12:00:00Z'],
    ['timestamp', '2024-02-29 12:00:00+02'],
    ['date', '29.02.2024'],
    ['date', '2024-02-29 00:00:00'],
  ])('%s %j', (kind, text) => {
    expect(failureOf(() => written(kind, text))).toEqual({
      code: 'row_unreadable',
      where: `column "c", kind ${kind}`,
    });
  });
});

describe('whatever a source spools', () => {
  it.each(columnKinds)('a %s is one line of JSON in valid UTF-8, or has a reason', (kind) => {
    fc.assert(
      fc.property(spooledValue(kind), (spooled) => {
        const json = valueWriter(column('c', kind))(spooled);
        if (typeof json !== 'string') return;
        expect(() => void JSON.parse(json)).not.toThrow();
        expect(json).not.toMatch(/[\t\n\r]/);
        expect(Buffer.from(json).toString('utf8')).toBe(json);
      }),
    );
  });
});
