import { setTimeout as delay } from 'node:timers/promises';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { errorTable, type ErrorCode } from '../vocabulary/errors.ts';

/** A thing that a process cannot work without. */
export interface Check {
  name: string;
  /** Fails with a BackhaulError that says what is the matter. */
  check: () => Promise<void>;
  /** What it is when nothing comes back in time. */
  silent: ErrorCode;
}

export interface CheckResult {
  name: string;
  ready: boolean;
  ms: number;
  /** Null: nothing is the matter. Codes and what to do, no addresses: this is read without a key. */
  error: { code: ErrorCode; action: string } | null;
}

export interface ReadinessReport {
  ready: boolean;
  checks: CheckResult[];
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
  const results = await Promise.all(checks.map(resultOf));
  return { ready: results.every(({ ready }) => ready), checks: results };
}

async function resultOf({ check, name, silent }: Check): Promise<CheckResult> {
  const began = performance.now();
  const code = await faultOf(check, silent);
  return {
    name,
    ready: code === null,
    ms: Math.round(performance.now() - began),
    error: code && { code, action: errorTable[code].action },
  };
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
