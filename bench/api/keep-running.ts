import type { Backhaul } from '../../client/backhaul.ts';
import type { Run } from '../../vocabulary/run.ts';

export interface KeptRunning {
  /** The id of the run that is going on. */
  current(): string;
  /** The runs that have ended. */
  ended(): readonly Run[];
  /** Of the runs that have ended. */
  rowsPerSecond(): number;
  /** Starts no more, and waits for the end of the last one. */
  stop(): Promise<void>;
}

/** Has a sync run all the time: every row is sent, and when a run has ended, the next one starts. */
export async function keepRunning(backhaul: Backhaul, sync: string): Promise<KeptRunning> {
  const start = () => backhaul.syncs.run(sync, { full: true });
  let handle = await start();
  let stopping = false;
  const ended: Run[] = [];
  const going = (async () => {
    for (;;) {
      const run = await handle.result();
      if (run.status !== 'completed') throw new Error(`${sync}: ${run.status}, ${run.error?.message ?? ''}`);
      ended.push(run);
      if (stopping) return;
      handle = await start();
    }
  })();
  // Told by stop().
  going.catch(() => undefined);
  const secondsOf = ({ finishedAt, startedAt }: Run): number =>
    (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / 1000;
  const sum = (of: (run: Run) => number): number => ended.reduce((all, run) => all + of(run), 0);
  return {
    current: () => handle.id,
    ended: () => ended,
    rowsPerSecond: () => sum(({ rows }) => rows.read) / sum(secondsOf),
    async stop() {
      stopping = true;
      await going;
    },
  };
}
