import { moreTimeZoneNames } from './time-zone-names.ts';

// Not whatever `Intl` takes: it knows more names than the database of time zones, and takes any capitals. Temporal does neither.
const names = new Set([...Intl.supportedValuesOf('timeZone'), ...moreTimeZoneNames]);
const byLowerCase = new Map([...names].map((name) => [name.toLowerCase(), name]));

/** Why Temporal would not take it; null: it does. */
export function timeZoneFault(name: string): string | null {
  if (names.has(name)) return null;
  const meant = byLowerCase.get(name.toLowerCase());
  return meant === undefined ? 'is not a time zone' : `has to be "${meant}", with these capitals`;
}
