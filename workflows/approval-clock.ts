const DAY_MS = 86_400_000;

export interface NextWake {
  at: number;
  what: 'expiry' | 'reminder';
}

/**
 * When a run that waits for an approval looks up next: at the end of each day that it has waited, and when its time is
 * over. All times in milliseconds; `expiresAt` is Infinity when it may wait for ever.
 */
export function nextWake(since: number, now: number, expiresAt: number): NextWake {
  const remindAt = since + (daysWaited(since, now) + 1) * DAY_MS;
  return expiresAt <= remindAt ? { at: expiresAt, what: 'expiry' } : { at: remindAt, what: 'reminder' };
}

export const daysWaited = (since: number, now: number): number =>
  Math.max(0, Math.floor((now - since) / DAY_MS));
