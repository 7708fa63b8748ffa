/** How much may come at once before it is too much: as much as the rate allows in this time. */
const BURST_MS = 1_000;

/** Takes events, or says for how many seconds it takes none. */
export type Rate = (events: number, nowMs: number) => number;

/**
 * At most so many events a second on the long run. A request is taken whole once the ones before it are paid off but
 * for one second, so that a batch larger than a second's worth passes too.
 */
export function limitRate(eventsPerSecond: number | undefined): Rate {
  if (eventsPerSecond === undefined) return () => 0;
  let paidOffAtMs = -Infinity;
  return (events, nowMs) => {
    const waitMs = paidOffAtMs - BURST_MS - nowMs;
    if (waitMs > 0) return Math.ceil(waitMs / 1_000);
    paidOffAtMs = Math.max(paidOffAtMs, nowMs) + (events * 1_000) / eventsPerSecond;
    return 0;
  };
}
