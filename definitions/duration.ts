import { BackhaulError } from '../vocabulary/backhaul-error.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What a duration looks like in a definition: a whole number and one unit. */
export const DURATION_PATTERN = /^(\d{1,9})(ms|s|m|h|d)$/;

/**
 * A duration of a definition in milliseconds.
 *
 * @example
 * durationMs('15m') // 900000
 */
export function durationMs(text: string): number {
  const [, digits, unit] = DURATION_PATTERN.exec(text) ?? [];
  if (digits === undefined || unit === undefined) {
    throw new BackhaulError('definitions_invalid', 'a duration is a whole number with ms, s, m, h or d');
  }
  return Number(digits) * unitMs[unit as keyof typeof unitMs];
}
