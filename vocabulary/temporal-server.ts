/** The oldest server that Backhaul works with, and what it lacks: docs/upgrade.md. */
export const OLDEST_TEMPORAL = '1.29';

/** What only newer servers have, and what is done without it. */
const temporalFeatures: readonly { since: string; what: string }[] = [
  { since: '1.30', what: 'a long run that is pinned to a build stays on it to its end' },
];

/** Whether a server of that version is at least of the other; one whose version cannot be read counts as new. */
export function isAtLeast(version: string, least: string): boolean {
  const numbers = (text: string): number[] =>
    (/^v?(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map((digits) => Number(digits));
  const [major, minor] = numbers(version);
  const [leastMajor = 0, leastMinor = 0] = numbers(least);
  if (major === undefined || minor === undefined) return true;
  return major !== leastMajor ? major > leastMajor : minor >= leastMinor;
}

/** What is done without on a server of that version. */
export const doneWithout = (version: string): string[] =>
  temporalFeatures.filter(({ since }) => !isAtLeast(version, since)).map(({ what }) => what);
