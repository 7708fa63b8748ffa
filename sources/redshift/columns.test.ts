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

  it('is replaced only where it can be long, by what still has room for a mark', () => {
    expect(canonical(described(1043, 256), 32_768, false)).toBe('model."c"');
    expect(canonical(described(1043, 65_535), 32_768, true)).toMatch(/^'=' \|\| case when octet_length/);
    const replaced = canonical(described(1043), 32_768, false);
    expect(replaced).toMatch(/then repeat\('x', 32769\) else model."c" end$/);
    expect(replaced).not.toContain('left(');
  });

  it.each([
    ['float8', '0.10000000000000001', '0.1'],
    ['float8', '0.333333333333333_3.33066907387547e-16', '0.3333333333333333'],
    ['float8', '-2.1e+15_-1', '-2100000000000001'],
    ['float8', '0.1_0', '0.1'],
    ['float8', 'inf', 'Infinity'],
    ['float8', '1e+300', '1e+300'],
    ['float8', '-0', '0'],
    ['float8', 'NaN', 'NaN'],
    ['float8', '-Infinity', '-Infinity'],
    ['float4', '0.10000000149011612', '0.1'],
    ['float4', '0.100000001490116', '0.1'],
    ['float4', '3.40282346638529e+38', '3.4028235e+38'],
    ['float4', '16777216', '16777216'],
    ['float4', '3.4028234663852886e+38', '3.4028235e+38'],
    ['float4', 'Infinity', 'Infinity'],
    ['varbyte', 'AAAA\nBBBB', 'AAAABBBB'],
  ])('of type %s: %s becomes %s', (type, text, canonicalText) => {
    expect(finished(type, text)).toBe(canonicalText);
  });

  it('of type double precision is whole, though each of its two texts has 15 digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (value) => {
        fc.pre(Math.abs(value) >= 1e-290);
        const near = value.toPrecision(15);
        const rest = (value - Number(near)).toPrecision(15);
        expect(Number(finished('float8', `${near}_${rest}`))).toBe(value);
      }),
    );
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
