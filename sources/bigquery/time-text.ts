const SECONDS_A_DAY = 86_400;
const MICROS = 1_000_000;
const MICROS_LARGE = 1_000_000n;
/** The days of most tables fit; what is beyond is made anew. */
const MAX_DAYS_KEPT = 20_000;

const days = new Map<number, string>();

/** `YYYY-MM-DD` of so many days since 1970-01-01. BigQuery has the years from 1 to 9999. */
export function dayText(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * SECONDS_A_DAY * 1000).toISOString().slice(0, 10);
  if (days.size >= MAX_DAYS_KEPT) days.clear();
  days.set(day, text);
  return text;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** `HH:MM:SS[.ffffff]` */
export function clockText(seconds: number, micros: number): string {
  const minutes = Math.floor(seconds / 60);
  const text = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return micros === 0 ? text : `${text}.${String(micros).padStart(6, '0')}`;
}

/** `YYYY-MM-DD HH:MM:SS[.ffffff]` of microseconds since 1970, which are beyond 2^53 from the year 2255 on. */
export function momentText(micros: string): string {
  const small = Number(micros);
  if (Number.isSafeInteger(small)) {
    const seconds = Math.floor(small / MICROS);
    return momentOf(seconds, small - seconds * MICROS);
  }
  const large = BigInt(micros);
  const fraction = ((large % MICROS_LARGE) + MICROS_LARGE) % MICROS_LARGE;
  return momentOf(Number((large - fraction) / MICROS_LARGE), Number(fraction));
}

function momentOf(seconds: number, micros: number): string {
  const day = Math.floor(seconds / SECONDS_A_DAY);
  return `${dayText(day)} ${clockText(seconds - day * SECONDS_A_DAY, micros)}`;
}

/** A time as the API writes it, its fraction with six digits or none, so that both ways to read write one text. */
export function wholeFraction(text: string): string {
  const point = text.indexOf('.');
  if (point < 0) return text;
  const fraction = text.slice(point + 1);
  return /^0*$/.test(fraction) ? text.slice(0, point) : `${text.slice(0, point)}.${fraction.padEnd(6, '0')}`;
}

/** An INTERVAL `Y-M D H:M:S[.F]` without zeros at its end, so that both ways to read write one text. */
export const intervalText = (text: string): string =>
  text.includes('.') ? text.replace(/\.?0+$/, '') : text;

/** The same of its parts, each with a sign of its own. */
export function intervalOf(months: number, day: number, nanos: bigint): string {
  const sign = (negative: boolean): string => (negative ? '-' : '');
  const positive = nanos < 0n ? -nanos : nanos;
  const seconds = positive / 1_000_000_000n;
  const micros = (positive % 1_000_000_000n) / 1000n;
  const clock = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}`;
  const fraction = micros === 0n ? '' : `.${String(micros).padStart(6, '0')}`;
  const all = Math.abs(months);
  return intervalText(
    `${sign(months < 0)}${Math.floor(all / 12)}-${all % 12} ${day} ${sign(nanos < 0n)}${clock}${fraction}`,
  );
}
