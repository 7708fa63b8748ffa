/** How many of a run's rows or messages may go wrong: a count, or a share such as `5%`. */
export type Threshold = number | string;

export const SHARE_PATTERN = /^(\d{1,3})(?:\.(\d{1,6}))?%$/;

/** The share in millionths of a percent, so that comparing needs no floating point. Null when it is none. */
const millionthsOfPercent = (share: string): bigint | null => {
  const [, whole, fraction = ''] = SHARE_PATTERN.exec(share) ?? [];
  return whole === undefined ? null : BigInt(whole + fraction.padEnd(6, '0'));
};

export const isShare = (text: string): boolean => {
  const share = millionthsOfPercent(text);
  return share !== null && share <= 100_000_000n;
};

/**
 * Whether `count` of `ofTotal` is above the threshold. Being exactly at it is not above it, so `100%` allows all
 * and `0` allows none.
 *
 * @example
 * exceeds('5%', 6, 100) // true
 */
export function exceeds(threshold: Threshold, count: number, ofTotal: number): boolean {
  if (typeof threshold === 'number') return count > threshold;
  const share = millionthsOfPercent(threshold) ?? 0n;
  return BigInt(count) * 100_000_000n > share * BigInt(ofTotal);
}
