import { isFinal, type Run } from '../../vocabulary/run.ts';
import type { RunHandle } from '../run-handle.ts';
import type { CliIo } from './io.ts';
import { counted } from './output.ts';

/** Plain lines come at most that often: a log is read later, a bar now. */
const LINE_INTERVAL_MS = 5000;

/** Shows a run until its end, or until it waits for an approval: a bar on a terminal, now and then a line elsewhere. */
export async function showProgress(io: CliIo, handle: RunHandle): Promise<Run> {
  const shown = io.isTerminal ? await bar() : lines(io);
  try {
    for await (const run of handle.progress()) {
      if (isFinal(run.status) || run.status === 'awaiting_approval') return run;
      shown.update(run);
    }
    return await handle.get();
  } finally {
    shown.stop();
  }
}

interface Shown {
  update(run: Run): void;
  stop(): void;
}

async function bar(): Promise<Shown> {
  const { SingleBar } = await import('cli-progress');
  let rate = rateMeter();
  const single = new SingleBar({
    format: '{status} [{bar}] {sent} of {planned} sent · {rate}/s · {left} left',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let started = false;
  return {
    update(run) {
      const { accepted, planned } = run.messages;
      if (!started) {
        single.start(1, 0, { status: run.status, sent: '0', planned: '?', rate: '0', left: '?' });
        started = true;
        rate = rateMeter();
      }
      const perSecond = rate(accepted);
      single.setTotal(Math.max(1, planned));
      single.update(accepted, {
        status: run.retrying === null ? stage(run) : `waiting: ${run.retrying.code}`,
        sent: counted(accepted),
        planned: planned === 0 ? '?' : counted(planned),
        rate: counted(perSecond),
        left: timeLeft(planned - accepted, perSecond),
      });
    },
    stop: () => single.stop(),
  };
}

function lines(io: CliIo): Shown {
  const rate = rateMeter();
  let last = '';
  let saidAt = 0;
  return {
    update(run) {
      const line = lineOf(run, rate(run.messages.accepted));
      if (line === last || Date.now() - saidAt < LINE_INTERVAL_MS) return;
      last = line;
      saidAt = Date.now();
      io.err(line);
    },
    stop: () => undefined,
  };
}

function lineOf(run: Run, perSecond: number): string {
  const { accepted, planned } = run.messages;
  if (run.retrying !== null)
    return `waiting: ${run.retrying.code}: ${run.retrying.message} It is tried again.`;
  if (run.status === 'queued') return 'queued';
  if (planned === 0) return `${stage(run)}: ${counted(run.rows.read)} rows read`;
  const sent = `${stage(run)}: ${counted(accepted)} of ${counted(planned)} sent`;
  if (run.status === 'paused' || perSecond === 0) return sent;
  return `${sent}, ${counted(perSecond)}/s, ${timeLeft(planned - accepted, perSecond)} left`;
}

function stage({ messages, status }: Run): string {
  if (status !== 'working') return status;
  return messages.planned === 0 ? 'reading' : 'sending';
}

/** Events a second since the first that were seen. */
function rateMeter(): (accepted: number) => number {
  let first: { at: number; accepted: number } | undefined;
  return (accepted) => {
    first ??= { at: Date.now(), accepted };
    const seconds = (Date.now() - first.at) / 1000;
    return seconds === 0 ? 0 : Math.round((accepted - first.accepted) / seconds);
  };
}

function timeLeft(events: number, perSecond: number): string {
  if (perSecond <= 0) return '?';
  const seconds = Math.ceil(events / perSecond);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
