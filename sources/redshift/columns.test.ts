import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonical, columnOf, finishOf } from './columns.ts';

const described = (type: number | string, length: number | null = null) =>
  columnOf('m', { name: 'c', type, length });
const finished = (type: string, text: string): string => (finishOf(described(type)) ?? String)(text);

describe('redshift: a column', () => {
  it.each([
    [4000, 'super', 'json'],
    [6551, 'varbyte', 'binary'],
    [3000, 'geometry', 'json'],
    [3999, 'geometry', 'json'],
    [3001, 'geography', 'json'],
    [1188, 'interval year to month', 'text'],
    [1190, 'interval day to second', 'text'],
    [1042, 'char', 'text'],
    ['bpchar', 'char', 'text'],
    ['FLOAT8', 'double precision', 'float'],
    ['intervaly2m', 'interval year to month', 'text'],
    ['timestamptz', 'timestamptz', 'timestamp'],
  ])('of type %s is %s, kind %s', (type, sourceType, kind) => {
    expect(described(type)).toMatchObject({ sourceType, kind });
  });

  it.each([2935, 'hllsketch', 1234567, 'something'])('of type %s has to be cast', (type) => {
    expect(() => described(type)).toThrow(expect.objectContaining({ code: 'source_value_unsupported' }));
  });

  it('is cut only where it can be long', () => {
    expect(canonical(described(1043, 256), 32_768, false)).toBe('model."c"');
    expect(canonical(described(1043, 65_535), 32_768, true)).toMatch(/^'=' \|\| case when octet_length/);
    expect(canonical(described(1043), 32_768, false)).toMatch(/left\(model."c", 32769\)/);
  });

  it.each([
    ['float8', '0.10000000000000001', '0.1'],
    ['float8', '1e+300', '1e+300'],
    ['float8', '-0', '0'],
    ['float8', 'NaN', 'NaN'],
    ['float8', '-Infinity', '-Infinity'],
    ['float4', '0.10000000149011612', '0.1'],
    ['float4', '16777216', '16777216'],
    ['float4', '3.4028234663852886e+38', '3.4028235e+38'],
    ['float4', 'Infinity', 'Infinity'],
    ['varbyte', 'AAAA\nBBBB', 'AAAABBBB'],
  ])('of type %s: %s becomes %s', (type, text, canonicalText) => {
    expect(finished(type, text)).toBe(canonicalText);
  });

  it('of type real has the shortest digits that mean it', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = finished('float4', String(value));
        expect(Math.fround(Number(text)) === value || value === 0).toBe(true);
        expect(text.replace(/e.*|[-.]/g, '').replace(/^0+|0+$/g, '').length).toBeLessThanOrEqual(9);
      }),
    );
  });
});
