import type { Program, RunningProgram } from '../spawn-logged.ts';
import type { StopStep } from './stop-process.ts';

export type PartName = 'postgres' | 'temporal' | 'worker' | 'api';

export const partLabels: Record<PartName, string> = {
  postgres: 'PostgreSQL',
  temporal: 'Temporal',
  worker: 'The worker',
  api: 'The HTTP API',
};

/** A child of the supervisor: how it is started, when it is ready, how it is stopped. */
export interface Part {
  name: PartName;
  program: Program;
  log: string;
  /** Before every start. */
  prepare?(): Promise<void>;
  /** Resolves when it answers; rejects when it has ended or does not answer in time. */
  ready(running: RunningProgram): Promise<void>;
}

/**
 * SIGINT makes PostgreSQL end its sessions and write everything out; SIGQUIT only stop, to replay its log at the
 * next start. A worker finishes what is in flight, a POST for up to 20 s; the HTTP API what it was asked.
 */
export const stopSteps: Record<PartName, readonly StopStep[]> = {
  postgres: [
    { signal: 'SIGINT', graceMs: 30_000 },
    { signal: 'SIGQUIT', graceMs: 5_000 },
  ],
  temporal: [{ signal: 'SIGTERM', graceMs: 15_000 }],
  worker: [{ signal: 'SIGTERM', graceMs: 45_000 }],
  api: [{ signal: 'SIGTERM', graceMs: 15_000 }],
};

/** For what has lost the servers that it works with: it has nothing to finish. */
export const FORLORN: readonly StopStep[] = [{ signal: 'SIGTERM', graceMs: 2000 }];
