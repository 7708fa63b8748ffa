import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../../definitions/process-identity.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { secondsSince } from '../progress.ts';
import { spawnLogged, type RunningProgram } from '../spawn-logged.ts';
import { partLabels, stopSteps, type Part } from './part.ts';
import { whileWaiting } from './while-waiting.ts';
import { stopProcess } from './stop-process.ts';

/** Waits before a start after 1, 2, … quick ends in a row; the last one repeats. */
const BACKOFF_MS = [100, 1000, 2000, 5000, 10_000, 30_000];
/** What lived that long was well: the next end is the first again. */
const STEADY_MS = 60_000;
/** So many quick ends are no accident: a person should look. */
const MANY = 3;
/** Of the first start: Temporal's inner services choose ports of their own, which another program may take in between. */
const FIRST_ATTEMPTS = 2;

export interface Supervised {
  part: Part;
  stop(hurry?: AbortSignal): Promise<void>;
  /** Tells it to stop, without a wait: for a process that is about to end itself. */
  dismiss: () => void;
}

export interface SuperviseOptions {
  report: (line: string) => void;
  /** Told at each start, before anything else happens with the child, and with null at its end. */
  named: (identity: ProcessIdentity | null) => Promise<void>;
}

/** A part that is started, and started again whenever it ends, until it is stopped. */
export const supervise = (part: Part, options: SuperviseOptions): Supervised & { started: Promise<void> } => {
  const { report, named } = options;
  const label = partLabels[part.name];
  const stopping = new AbortController();
  let current: RunningProgram | undefined;

  const start = async (): Promise<void> => {
    await part.prepare?.();
    if (stopping.signal.aborted) return;
    const running = await spawnLogged(part.program, part.log);
    current = running;
    await named(running.identity);
    if (stopping.signal.aborted) return end();
    await whileWaiting(`${label} is still starting`, report, part.ready(running));
  };

  const end = async (hurry?: AbortSignal): Promise<void> => {
    const identity = current?.identity;
    if (current === undefined || current.hasExited() || identity === undefined || identity === null) return;
    const gone = await whileWaiting(
      part.name === 'worker'
        ? 'The worker finishes what is in flight; Ctrl-C once more stops it at once'
        : `${label} is still stopping`,
      report,
      stopProcess(identity, stopSteps[part.name], hurry),
    );
    if (gone) await current.exited;
  };

  const keepUp = async (): Promise<void> => {
    let quickEnds = 0;
    let since = performance.now();
    while (!stopping.signal.aborted) {
      const how = (await current?.exited) ?? 'not started';
      if (stopping.signal.aborted) return;
      quickEnds = performance.now() - since > STEADY_MS ? 1 : quickEnds + 1;
      const wait = BACKOFF_MS[Math.min(quickEnds, BACKOFF_MS.length) - 1] ?? 0;
      report(`${label} ended (${how}): it is started again${wait < 1000 ? '' : ` in ${wait / 1000} s`}.`);
      if (quickEnds === MANY) report(`It ends again and again; why is in ${part.log}`);
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      since = performance.now();
      try {
        await start();
        if (!stopping.signal.aborted) report(`${label} is back (${secondsSince(since)}).`);
      } catch {
        // It has ended, or does not answer: what is left of it goes, and the next round says how.
        await end();
      }
    }
  };

  /** What does not answer is given up; what ended by itself may have had bad luck. */
  const startFirst = async (): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await start();
      } catch (error) {
        const hasEnded = current?.hasExited() ?? false;
        await end();
        if (!hasEnded || stopping.signal.aborted || attempt === FIRST_ATTEMPTS) throw startError(error, part);
        report(`${label} ended while it started (${await current?.exited}): it is started again.`);
      }
    }
  };

  let kept: Promise<void> = Promise.resolve();
  const started = (async () => {
    await startFirst();
    kept = keepUp();
  })();
  // Awaited by whoever started it, also later than the first failure.
  started.catch(() => undefined);

  return {
    part,
    started,
    dismiss() {
      stopping.abort();
      current?.kill(stopSteps[part.name][0]?.signal ?? 'SIGKILL');
    },
    async stop(hurry) {
      stopping.abort();
      await end(hurry);
      await started.catch(() => undefined);
      await kept;
      await named(null);
    },
  };
};

const startError = (error: unknown, { log, name }: Part): BackhaulError =>
  new BackhaulError('dev_failed', error instanceof BackhaulError ? error.where : partLabels[name], {
    action: `Its log says why: ${log}`,
    cause: error,
  });
