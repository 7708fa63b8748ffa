const dateAndTime =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:\s*(Z|UTC|[+-]\d\d(?::?\d\d)?))?)?$/i;
const MINUTE_MS = 60_000;

/**
 * A date, with or without a time, as ISO 8601 in UTC; null when it is none. Without a time it is midnight, without an
 * offset it is UTC. The fraction keeps its digits.
 *
 * @example
 * isoTime('2024-02-29 12:00+02'); // '2024-02-29T10:00:00Z'
 */
export function isoTime(text: string): string | null {
  const parts = dateAndTime.exec(text.trim());
  if (parts === null) return null;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction, zone] =
    parts;
  const local = new Date(0);
  local.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  local.setUTCHours(Number(hour), Number(minute), Number(second));
  // The 30th of February would be the 1st of March.
  if (iso(local) !== `${year}-${month}-${day}T${hour}:${minute}:${second}`) return null;
  const offset = offsetMinutes(zone);
  if (offset === null) return null;
  const utc = iso(new Date(local.getTime() - offset * MINUTE_MS));
  return /^(?!0000)\d{4}-/.test(utc) ? `${utc}${fraction === undefined ? '' : `.${fraction}`}Z` : null;
}

const iso = (date: Date): string => date.toISOString().slice(0, -'.000Z'.length);

function offsetMinutes(zone = 'Z'): number | null {
  if (/^(?:Z|UTC)$/i.test(zone)) return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
