/**
 * Milliseconds since now, by whichever clock says more: one goes on while the process is stopped, the other while the
 * machine sleeps.
 */
export function stopwatch(): () => number {
  const monotonic = performance.now();
  const wall = Date.now();
  return () => Math.max(performance.now() - monotonic, Date.now() - wall);
}
