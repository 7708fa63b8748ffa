import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { microsecondsText, plainDecimal, shortestFloat } from './decode.ts';

describe('databricks: the microseconds of a timestamp', () => {
  it.each([
    ['0', '1970-01-01 00:00:00'],
    ['-1', '1969-12-31 23:59:59.999999'],
    ['1709208000123456', '2024-02-29 12:00:00.123456'],
    ['1709208000120000', '2024-02-29 12:00:00.12'],
    ['253402300799999999', '9999-12-31 23:59:59.999999'],
    ['253402300800000000', '+10000-01-01 00:00:00'],
    ['-62135596800000000', '0001-01-01 00:00:00'],
    ['-62135596800000001', '0000-12-31 23:59:59.999999'],
    ['-63513936000000000', '-0043-04-29 00:00:00'],
    ['9223372036854775807', '+294247-01-10 04:00:54.775807'],
    ['-9223372036854775808', '-290308-12-21 19:59:05.224192'],
  ])('%s is %s', (micros, text) => {
    expect(microsecondsText(micros)).toBe(text);
  });

  it('is that of the calendar of JavaScript', () => {
    const dates = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        const text = microsecondsText(String(BigInt(date.getTime()) * 1_000n));
        expect(new Date(`${text.replace(' ', 'T')}Z`)).toEqual(date);
      }),
    );
  });
});

describe('databricks: a decimal', () => {
  it.each([
    ['12.50', '12.50'],
    ['0E-18', '0.000000000000000000'],
    ['1.20E-10', '0.000000000120'],
    ['-1E-7', '-0.0000001'],
    ['1.5E+3', '1500'],
    ['1.2345E2', '123.45'],
  ])('%s is %s', (written, plain) => {
    expect(plainDecimal(written)).toBe(plain);
  });
});

describe('databricks: a float', () => {
  it.each([
    ['1.0E300', '1e+300'],
    ['1.0E10', '10000000000'],
    ['-0.0', '0'],
    ['0.1', '0.1'],
    ['NaN', 'NaN'],
    ['-Infinity', '-Infinity'],
  ])('%s is %s, whichever engine wrote it', (written, shortest) => {
    expect(shortestFloat(written)).toBe(shortest);
  });
});
