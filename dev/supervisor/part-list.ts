import { secondsSince } from '../progress.ts';
import type { DevRecord } from './dev-record.ts';
import { partLabels, type Part } from './part.ts';
import { supervise, type Supervised } from './supervise.ts';

/** The parts that this supervisor has started. */
export interface PartList {
  /** Starts a part, waits until it is ready, and keeps it up from then on. */
  begin(part: Part, record: DevRecord): Promise<void>;
  /** Stops all, the worker and the HTTP API first: they finish what is in flight, for which they need the servers. */
  stop(hurry?: AbortSignal): Promise<void>;
}

export const openPartList = (report: (line: string) => void, signal?: AbortSignal): PartList => {
  const parts = new Set<Supervised>();
  // Should this process end by a fault of its own, its children must not outlive it.
  const dismissAll = (): void => parts.forEach(({ dismiss }) => dismiss());
  return {
    async begin(part, record) {
      signal?.throwIfAborted();
      const started = performance.now();
      report(`${partLabels[part.name]} is starting…`);
      const supervised = supervise(part, { report, named: (identity) => record.name(part.name, identity) });
      if (parts.size === 0) process.on('exit', dismissAll);
      parts.add(supervised);
      await supervised.started;
      report(`${partLabels[part.name]} is ready (${secondsSince(started)}).`);
    },
    async stop(hurry) {
      const stopping = [...parts];
      const first = stopping.filter(({ part }) => part.name === 'worker' || part.name === 'api');
      for (const some of [first, stopping]) await Promise.all(some.map((part) => part.stop(hurry)));
      for (const part of stopping) parts.delete(part);
      if (parts.size === 0) process.off('exit', dismissAll);
    },
  };
};
