/**
 * Times of a sheet: doubles that count days since 30 December 1899, with neither zone nor leap seconds.
 * Source: https://developers.google.com/sheets/api/guides/formats#about_date_time_values
 *
 * @module
 */
import type { ToUtc } from './time-zone.ts';

const DAY_MS = 86_400_000;
const DAY_MICROS = 86_400_000_000;
const EPOCH_MS = Date.UTC(1899, 11, 30);
/** 6 June 2079: from here on two neighbouring doubles are more than a microsecond apart. */
const COARSE_FROM = 65_536;
/** What the mapping knows as out of range. */
const OUT_OF_RANGE = 'infinity';

/** `2024-02-29`. A part of a day is left out. */
export const dateText = (serial: number): string => isoOf(EPOCH_MS + Math.floor(serial) * DAY_MS, 'T');

/** `2024-02-29 21:59:59.123456`, in UTC. */
export function momentText(serial: number, toUtc: ToUtc): string {
  const day = Math.floor(serial);
  // The day is taken off first: the product of the whole would lose a microsecond.
  const micros = (serial - day) * DAY_MICROS;
  const rounded = Math.abs(serial) < COARSE_FROM ? Math.round(micros) : Math.round(micros / 1000) * 1000;
  const local = EPOCH_MS + day * DAY_MS + Math.floor(rounded / 1_000_000) * 1000;
  if (!Number.isFinite(new Date(local).getTime())) return OUT_OF_RANGE;
  const text = isoOf(toUtc(local), '.');
  return text === OUT_OF_RANGE ? text : text.replace('T', ' ') + fraction(rounded % 1_000_000);
}

/** `12:34:56.789`. A duration may have more than 24 hours, or a `-` in front. */
export function timeText(serial: number): string {
  const micros = Math.round(Math.abs(serial) * DAY_MICROS);
  const seconds = Math.floor(micros / 1_000_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${serial < 0 ? '-' : ''}${clock}${fraction(micros % 1_000_000)}`;
}

const fraction = (micros: number): string =>
  micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`;

function isoOf(ms: number, until: 'T' | '.'): string {
  const date = new Date(ms);
  if (!Number.isFinite(date.getTime())) return OUT_OF_RANGE;
  const text = date.toISOString();
  return text.slice(0, text.indexOf(until));
}
