const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** No zone changes its offset within a quarter of an hour. */
const STEP_MS = HOUR_MS / 4;
const MAX_KNOWN = 50_000;

/** Milliseconds since 1970 on a clock of the zone → in UTC. */
export type ToUtc = (local: number) => number;

/**
 * By the name that a spreadsheet has for its zone: that of the IANA, or `GMT-07:00`; null when it is neither. A clock time
 * that comes twice is the earlier one, and one that is left out is as far behind the change.
 */
export function zoneToUtc(timeZone: string): ToUtc | null {
  const [, sign, hours, minutes] = /^(?:GMT|UTC)(?:([+-])(\d\d?):?(\d\d)?)?$/.exec(timeZone) ?? [null];
  if (hours !== undefined) {
    const offset = (Number(hours) + Number(minutes ?? 0) / 60) * HOUR_MS * (sign === '-' ? -1 : 1);
    return (local) => local - offset;
  }
  if (/^(?:GMT|UTC|Etc\/(?:GMT|UTC))$/.test(timeZone)) return (local) => local;
  const offsetAt = offsetsOf(timeZone);
  if (offsetAt === null) return null;
  return (local) => {
    const before = offsetAt(local - DAY_MS);
    const after = offsetAt(local + DAY_MS);
    if (before === after || offsetAt(local - before) === before) return local - before;
    return offsetAt(local - after) === after ? local - after : local - before;
  };
}

function offsetsOf(timeZone: string): ((utc: number) => number) | null {
  let clock: Intl.DateTimeFormat;
  try {
    clock = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    return null;
  }
  const known = new Map<number, number>();
  return (utc) => {
    const step = Math.floor(utc / STEP_MS);
    const offset = known.get(step) ?? offsetIn(clock, step * STEP_MS);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(step, offset);
    return offset;
  };
}

function offsetIn(clock: Intl.DateTimeFormat, utc: number): number {
  const name = clock.formatToParts(utc).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = 0, minutes = 0, seconds = 0] =
    /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
  const size = Number(hours) * HOUR_MS + Number(minutes) * 60_000 + Number(seconds) * 1000;
  return sign === '-' ? -size : size;
}
