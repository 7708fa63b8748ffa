import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ColumnKind } from '../../vocabulary/columns.ts';

/** Makes the canonical text of a value that is not NULL. */
export type Decode = (wire: string) => string;

/** A type by the name that the protocol has for it. */
interface WireType {
  kind: ColumnKind;
  decode: Decode | null;
}

const DAY_SECONDS = 86_400;
const asIs = null;

/**
 * What Snowflake's JSON rows hold: each value is a text or null, and none depends on the formats of the session. Fixed-point numbers come with
 * all their digits, dates as days and times as seconds since 1970, binary values in hexadecimal. A text of another form stays as it is:
 * no later step takes it for a value of its kind.
 */
const types: Readonly<Record<string, WireType>> = {
  fixed: { kind: 'decimal', decode: asIs },
  real: { kind: 'float', decode: floatText },
  decfloat: { kind: 'text', decode: asIs },
  text: { kind: 'text', decode: asIs },
  boolean: { kind: 'boolean', decode: booleanText },
  date: { kind: 'date', decode: (wire) => dateText(Number(wire)) },
  time: { kind: 'text', decode: timeText },
  timestamp_ntz: { kind: 'timestamp', decode: timestampText },
  timestamp_ltz: { kind: 'timestamp', decode: timestampText },
  timestamp_tz: { kind: 'timestamp', decode: zonedText },
  binary: { kind: 'binary', decode: binaryText },
  variant: { kind: 'json', decode: asIs },
  object: { kind: 'json', decode: asIs },
  array: { kind: 'json', decode: asIs },
  map: { kind: 'json', decode: asIs },
  vector: { kind: 'json', decode: asIs },
  geography: { kind: 'json', decode: asIs },
  geometry: { kind: 'json', decode: asIs },
};

/** Null for a type that this version does not know the texts of. */
export function wireType(type: string, scale: number | null): WireType | null {
  const name = type.toLowerCase();
  const known = Object.hasOwn(types, name) ? types[name] : undefined;
  if (known === undefined) return null;
  return name === 'fixed' && (scale ?? 0) === 0 ? { ...known, kind: 'integer' } : known;
}

/** `inf`, `-inf` and `NaN`, in capitals or not, are how Snowflake writes what is no number. */
function floatText(wire: string): string {
  const number = Number(wire);
  if (Number.isFinite(number)) return String(number);
  if (/^nan$/i.test(wire)) return 'NaN';
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(wire);
  return infinite === null ? wire : infinite[1] === '-' ? '-Infinity' : 'Infinity';
}

function booleanText(wire: string): string {
  if (/^(1|true)$/i.test(wire)) return 't';
  return /^(0|false)$/i.test(wire) ? 'f' : wire;
}

function binaryText(wire: string): string {
  const bytes = Buffer.from(wire, 'hex');
  if (bytes.length * 2 !== wire.length) {
    throw new BackhaulError('source_value_unsupported', 'a BINARY value that is not in hexadecimal');
  }
  return bytes.toString('base64');
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** Rows of a result are often of few days, and making the text is most of the cost of a timestamp. */
const MAX_REMEMBERED_DAYS = 20_000;
const remembered = new Map<number, string>();

/** Days since 1970, which may lie before it. */
function dateText(days: number): string {
  const known = remembered.get(days);
  if (known !== undefined) return known;
  const text = newDateText(days);
  if (remembered.size >= MAX_REMEMBERED_DAYS) remembered.clear();
  remembered.set(days, text);
  return text;
}

function newDateText(days: number): string {
  const date = new Date(days * DAY_SECONDS * 1000);
  const year = date.getUTCFullYear();
  const years = year < 0 ? `-${pad(-year, 4)}` : pad(year, 4);
  return `${years}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
}

/** `seconds.fraction`, a blank and the offset. Results of the oldest form, without the blank, have the offset in the number's low bits. */
function zonedText(wire: string): string {
  const end = wire.indexOf(' ');
  return end < 0 ? wire : timestampText(wire.slice(0, end));
}

function timestampText(wire: string): string {
  const { seconds, fraction } = split(wire);
  const days = Math.floor(seconds / DAY_SECONDS);
  return `${dateText(days)} ${clock(seconds - days * DAY_SECONDS)}${fraction}`;
}

function timeText(wire: string): string {
  const { seconds, fraction } = split(wire);
  return `${clock(seconds)}${fraction}`;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => pad(value, 2));
const two = (value: number): string => TWO_DIGITS[value] ?? pad(value, 2);
const clock = (seconds: number): string =>
  `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;

/**
 * A decimal number of seconds as whole seconds at or before it and the fraction behind them as `.digits`, without zeros at its end.
 * -1.25 is 2 seconds before 1970 and .75.
 */
function split(wire: string): { seconds: number; fraction: string } {
  const point = wire.indexOf('.');
  const whole = Number(point < 0 ? wire : wire.slice(0, point));
  const digits = point < 0 ? '' : wire.slice(point + 1).replace(/0+$/, '');
  if (digits === '') return { seconds: whole, fraction: '' };
  if (!wire.startsWith('-')) return { seconds: whole, fraction: `.${digits}` };
  const rest = 10 ** digits.length - Number(digits);
  return { seconds: whole - 1, fraction: `.${pad(rest, digits.length).replace(/0+$/, '')}` };
}
