const MICROS_A_SECOND = 1_000_000;
const SECONDS_A_DAY = 86_400;
/** 1970-01-01 counted from 0000-03-01, and the days of 400 years. */
const EPOCH_DAY = 719_468;
const ERA_DAYS = 146_097;

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/**
 * A timestamp of so many microseconds since 1970 in UTC. Of any year: that of one before 0 or after 9999 is written with its
 * sign, and is out of range for what follows.
 *
 * @example
 * microsecondsText('1709208000123456') // '2024-02-29 12:00:00.123456'
 */
export function microsecondsText(text: string): string {
  // Up to 15 digits a double is exact (IEEE 754).
  const micros = text.length <= 15 ? Number(text) : BigInt(text);
  const [seconds, fraction] =
    typeof micros === 'number'
      ? floorParts(micros, MICROS_A_SECOND)
      : bigFloorParts(micros, BigInt(MICROS_A_SECOND));
  const [days, rest] = floorParts(seconds, SECONDS_A_DAY);
  const time = `${two(Math.floor(rest / 3_600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  const behindPoint = fraction === 0 ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
  return `${dateOfDay(days)} ${time}${behindPoint}`;
}

const floorParts = (value: number, unit: number): [number, number] => {
  const whole = Math.floor(value / unit);
  return [whole, value - whole * unit];
};

function bigFloorParts(value: bigint, unit: bigint): [number, number] {
  const rest = ((value % unit) + unit) % unit;
  return [Number((value - rest) / unit), Number(rest)];
}

/** The proleptic Gregorian calendar: https://howardhinnant.github.io/date_algorithms.html, civil_from_days. */
function dateOfDay(day: number): string {
  const [era, dayOfEra] = floorParts(day + EPOCH_DAY, ERA_DAYS);
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return `${yearText(year)}-${two(month)}-${two(dayOfMonth)}`;
}

function yearText(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, '0');
  if (year < 0) return `-${digits}`;
  return year > 9_999 ? `+${digits}` : digits;
}

/**
 * A decimal without an exponent. Java writes one where there are more than six zeros behind the point, unless the session
 * has ANSI mode on.
 *
 * @example
 * plainDecimal('1.20E-10') // '0.000000000120'
 */
export function plainDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?E([+-]?\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The JVM and Photon need not agree on digits and exponents; the same number has one text here. */
export function shortestFloat(text: string): string {
  const value = Number(text);
  return Number.isFinite(value) ? String(value) : text;
}
