import { setTimeout as delay } from 'node:timers/promises';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../vocabulary/errors.ts';

/** A thing that a process cannot work without. */
export interface Check {
  name: string;
  /** Fails with a BackhaulError that says what is the matter. */
  check: () => Promise<void>;
  /** What it is when nothing comes back in time. */
  silent: ErrorCode;
}

export interface ReadinessReport {
  ready: boolean;
  /** By part: null, or the code of what is wrong with it. Read without a key, so it holds no address. */
  checks: Record<string, ErrorCode | null>;
}

export interface Readiness {
  report(): Promise<ReadinessReport>;
}

/** A probe that asks more often gets the same answer. */
const KEPT_MS = 5000;
const LONGEST_CHECK_MS = 5000;

/**
 * Whether a process can work now. Checks run side by side, each for a bounded time, and anew when an answer is older than some
 * seconds: so it recovers by itself, and a flood of probes is no load.
 */
export function openReadiness(checks: readonly Check[], keptMs = KEPT_MS): Readiness {
  let last: { at: number; report: Promise<ReadinessReport> } | undefined;
  return {
    report() {
      if (last === undefined || performance.now() - last.at > keptMs)
        last = { at: performance.now(), report: run(checks) };
      return last.report;
    },
  };
}

async function run(checks: readonly Check[]): Promise<ReadinessReport> {
  const faults = await Promise.all(
    checks.map(async ({ check, name, silent }) => [name, await faultOf(check, silent)] as const),
  );
  return { ready: faults.every(([, fault]) => fault === null), checks: Object.fromEntries(faults) };
}

async function faultOf(check: () => Promise<void>, silent: ErrorCode): Promise<ErrorCode | null> {
  const over = new AbortController();
  const timeOut = delay(LONGEST_CHECK_MS, silent, { signal: over.signal }).catch(() => null);
  const answer = check().then(
    () => null,
    (error: unknown) => (error instanceof BackhaulError ? error.code : silent),
  );
  const first = await Promise.race([answer, timeOut]);
  over.abort();
  return first;
}
