import { describe, expect, it } from '@jest/globals';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { arrowReader } from './arrow-values.ts';
import { columnOf, fieldOf, type SchemaField } from './columns.ts';
import { restWriter, type RawValue } from './rest-values.ts';
import { momentText } from './time-text.ts';

const rest = (schema: SchemaField, raw: RawValue): string => restWriter(fieldOf(schema))(raw);

function ofVector(schema: SchemaField, vector: arrow.Vector): (string | null)[] {
  // Through the bytes, as the Storage Read API sends them.
  const table = arrow.tableFromIPC(arrow.tableToIPC(new arrow.Table({ value: vector })));
  const data = table.batches[0]?.data.children[0];
  if (data === undefined) throw new Error('there is no column');
  const read = arrowReader(fieldOf(schema), data);
  return Array.from({ length: vector.length }, (_, row) => read(row));
}

describe('bigquery: a TIMESTAMP', () => {
  it('is what its microseconds say, for all that BigQuery has', () => {
    const first = -62_135_596_800_000_000n;
    const last = 253_402_300_799_999_999n;
    fc.assert(
      fc.property(fc.bigInt(first, last), (micros) => {
        const millis = (micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n;
        const iso = new Date(Number(millis)).toISOString();
        const fraction = String(((micros % 1_000_000n) + 1_000_000n) % 1_000_000n).padStart(6, '0');
        const seconds = `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
        expect(momentText(String(micros))).toBe(fraction === '000000' ? seconds : `${seconds}.${fraction}`);
      }),
    );
  });

  it('of twelve digits is refused, since the last six would be lost', () => {
    expect(() => fieldOf({ name: 'at', type: 'TIMESTAMP', timestampPrecision: '12' })).toThrow(
      /"at": TIMESTAMP\(12\)/,
    );
  });
});

describe('bigquery: a decimal in Arrow', () => {
  const bits = { NUMERIC: 128, BIGNUMERIC: 256 };
  it.each([
    ['NUMERIC', 38, 9],
    ['BIGNUMERIC', 76, 38],
  ] as const)('%s of %i digits is exact', (type, precision, scale) => {
    const most = 10n ** BigInt(precision) - 1n;
    const near = fc.bigInt(-(2n ** 66n), 2n ** 66n);
    fc.assert(
      fc.property(fc.oneof(fc.bigInt(-most, most), near), (unscaled) => {
        const words = new Uint32Array(bits[type] / 32);
        for (const position of words.keys()) {
          words[position] = Number(BigInt.asUintN(32, unscaled >> BigInt(32 * position)));
        }
        const decimal = new arrow.Decimal(scale, precision, bits[type]);
        const data = arrow.makeData({ type: decimal, length: 1, data: words });
        const [text = ''] = ofVector({ name: 'd', type }, new arrow.Vector([data]));
        const [whole = '', fraction = ''] = (text ?? '').replace('-', '').split('.');
        const digits = BigInt(whole + fraction.padEnd(scale, '0'));
        expect(text?.startsWith('-') === true ? -digits : digits).toBe(unscaled);
        expect(fraction).not.toMatch(/0$/);
      }),
    );
  });
});

describe('bigquery: an INTERVAL', () => {
  const cases: [string, number, number, bigint][] = [
    ['1-2 3 4:5:6.7', 14, 3, 14_706_700_000_000n],
    ['0-0 0 0:0:0', 0, 0, 0n],
    ['-1-2 -3 -4:5:6.000001', -14, -3, -14_706_000_001_000n],
  ];
  it.each(cases)('%s is the same in Arrow and by the API', (text, months, days, nanos) => {
    const words = new Int32Array(4);
    words[0] = months;
    words[1] = days;
    words[2] = Number(BigInt.asIntN(32, nanos));
    words[3] = Number(BigInt.asIntN(32, nanos >> 32n));
    const data = arrow.makeData({ type: new arrow.IntervalMonthDayNano(), length: 1, data: words });
    expect(ofVector({ name: 'i', type: 'INTERVAL' }, new arrow.Vector([data]))).toEqual([text]);
    expect(rest({ name: 'i', type: 'INTERVAL' }, text.includes('.') ? `${text}00` : text)).toBe(text);
  });
});

describe('bigquery: a RANGE', () => {
  it.each([
    ['DATE', '[2024-01-01, UNBOUNDED)', '{"start":"2024-01-01","end":null}'],
    [
      'DATETIME',
      '[2024-01-01T00:00:00, 2024-01-02T00:00:00)',
      '{"start":"2024-01-01T00:00:00","end":"2024-01-02T00:00:00"}',
    ],
    ['TIMESTAMP', '[UNBOUNDED, 1704067200000000)', '{"start":null,"end":"2024-01-01T00:00:00Z"}'],
  ])('of %s: %s', (type, raw, json) => {
    const schema = { name: 'r', type: 'RANGE', rangeElementType: { type } };
    expect(rest(schema, raw)).toBe(json);
    expect(columnOf(fieldOf(schema))).toEqual({ name: 'r', kind: 'json', sourceType: `RANGE<${type}>` });
  });
});

describe('bigquery: a FLOAT64', () => {
  it.each([
    ['Infinity', 'Infinity'],
    ['-Infinity', '-Infinity'],
    ['-inf', '-Infinity'],
    ['NaN', 'NaN'],
    ['1.0E300', '1e+300'],
    ['-0.0', '0'],
  ])('%s becomes %s', (raw, text) => {
    expect(rest({ name: 'f', type: 'FLOAT' }, raw)).toBe(text);
  });
});

describe('bigquery: a STRUCT', () => {
  it('may have two fields of one name, and none', () => {
    const schema = {
      name: 's',
      type: 'RECORD',
      fields: [
        { name: 'a', type: 'INTEGER' },
        { name: 'a', type: 'STRING', mode: 'REPEATED' },
      ],
    };
    expect(rest(schema, { f: [{ v: '9007199254740993' }, { v: [{ v: 'x\ty' }] }] })).toBe(
      '{"a":9007199254740993,"a":["x\\ty"]}',
    );
    expect(columnOf(fieldOf(schema)).sourceType).toBe('STRUCT<a INT64, a ARRAY<STRING>>');
  });
});
