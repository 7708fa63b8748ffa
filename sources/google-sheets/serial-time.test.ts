import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dateText, momentText, timeText } from './serial-time.ts';
import { zoneToUtc, type ToUtc } from './time-zone.ts';

const EPOCH_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;
const asItIs: ToUtc = (local) => local;
const zone = (name: string): ToUtc => {
  const toUtc = zoneToUtc(name);
  if (toUtc === null) throw new Error(`${name} is not known`);
  return toUtc;
};
const serial = (text: string): number => (Date.parse(`${text}Z`) - EPOCH_MS) / DAY_MS;

describe('google_sheets: serial numbers as times', () => {
  it('keep every microsecond until 2079', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.integer({ min: 0, max: 86_399_999_999 }),
        (day, micros) => {
          const seconds = new Date(EPOCH_MS + day * DAY_MS + Math.floor(micros / 1e6) * 1000).toISOString();
          const digits = String(micros % 1_000_000).padStart(6, '0');
          const expected = `${seconds.slice(0, 19).replace('T', ' ')}.${digits}`;
          const got = momentText(day + micros / 86_400_000_000, asItIs);
          expect(got.includes('.') ? got.padEnd(26, '0') : `${got}.000000`).toBe(expected);
        },
      ),
    );
  });

  it.each([
    ['0', dateText(0), '1899-12-30'],
    ['before the epoch', momentText(-0.5, asItIs), '1899-12-29 12:00:00'],
    [
      'milliseconds in 2100',
      momentText(serial('2100-01-01T10:11:12.345'), asItIs),
      '2100-01-01 10:11:12.345',
    ],
    ['rounded up to the next day', momentText(1 - 1e-15, asItIs), '1899-12-31 00:00:00'],
    ['the year 10000', momentText(2_958_466, asItIs), '+010000-01-01 00:00:00'],
    ['no date at all', momentText(1e300, asItIs), 'infinity'],
    ['no date at all', dateText(-1e300), 'infinity'],
    ['a time of day', timeText(0.5), '12:00:00'],
    ['a duration', timeText(1.5210416666666666), '36:30:18'],
    ['a negative duration', timeText(-0.25), '-06:00:00'],
  ])('%s', (_, got, expected) => {
    expect(got).toBe(expected);
  });

  it.each([
    ['Europe/Berlin', '2024-01-01T12:00:00', '2024-01-01 11:00:00'],
    ['Europe/Berlin', '2024-07-01T12:00:00', '2024-07-01 10:00:00'],
    // The hour that is left out, and the one that comes twice.
    ['Europe/Berlin', '2024-03-31T02:30:00', '2024-03-31 01:30:00'],
    ['Europe/Berlin', '2024-10-27T02:30:00', '2024-10-27 00:30:00'],
    ['America/New_York', '2024-11-03T01:30:00', '2024-11-03 05:30:00'],
    ['Australia/Lord_Howe', '2024-01-01T00:00:00', '2023-12-31 13:00:00'],
    ['Asia/Kolkata', '2024-01-01T00:00:00', '2023-12-31 18:30:00'],
    ['GMT-07:00', '2024-01-01T00:00:00', '2024-01-01 07:00:00'],
    ['Etc/GMT', '2024-01-01T00:00:00', '2024-01-01 00:00:00'],
  ])('in %s %s is %s in UTC', (name, local, utc) => {
    expect(momentText(serial(local), zone(name))).toBe(utc);
  });

  it('does not guess at a zone that nobody knows', () => {
    expect(zoneToUtc('Mars/Olympus')).toBeNull();
  });
});
