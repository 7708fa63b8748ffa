import { setTimeout as delay } from 'node:timers/promises';
import {
  ApplicationFailure,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { syncName } from '../vocabulary/ids.ts';
import { syncWorkflowId } from '../vocabulary/installation.ts';
import { isFinal, type Run } from '../vocabulary/run.ts';
import { queuedRun } from './queued-run.ts';
import type { ClientConnection } from './connection.ts';
import { findRun } from './runs.ts';
import type { Started } from './start-run.ts';
import { workflowError } from './workflow-error.ts';

export interface RunHandle {
  id: string;
  sync: string;
  /** Whether this start began the run, went along with one, or found the sync busy. */
  how: Started['how'];
  /** The run as it stands. */
  get(): Promise<Run>;
  /** The run about once a second until it has ended; the last one is its end. */
  progress(options?: { intervalMs?: number }): AsyncGenerator<Run>;
  /** Waits for the end. A run that failed or was cancelled is returned too; one that could not even be opened throws. */
  result(): Promise<Run>;
  cancel(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Sends the plan that it waits with. @throws not_awaiting_approval */
  approve(): Promise<void>;
  /** Ends it: nothing of its plan is sent. @throws not_awaiting_approval */
  decline(): Promise<void>;
}

const DEFAULT_INTERVAL_MS = 1000;

export function runHandle(connection: ClientConnection, sync: string, { run: id, how }: Started): RunHandle {
  const { installation, temporal } = connection;
  const workflowId = syncWorkflowId(installation, syncName(sync));
  const queued = queuedRun(connection, sync, id);
  const get = async (): Promise<Run> => (await findRun(connection, id)) ?? queued;
  // Follows the chain: a run that continued as new goes on under other run ids.
  const followed = temporal.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: id });
  const steer = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError || error instanceof WorkflowNotFoundError))
        throw error;
      const { status } = await get();
      if (isFinal(status)) throw new BackhaulError('run_ended', `run ${id}, ${status}`, { cause: error });
      const { cause } = error;
      if (cause instanceof ApplicationFailure && cause.type === 'not_awaiting_approval')
        throw new BackhaulError(cause.type, `run ${id}, ${status}`, { cause: error });
      throw new BackhaulError('run_not_found', `run ${id} is not going on`, { cause: error });
    }
  };
  const update = (name: 'pause' | 'resume' | 'approve' | 'decline'): Promise<void> =>
    steer(() => followed.executeUpdate(name, { args: [{ run: id }] }));
  const result = async (): Promise<Run> => {
    if (how !== 'skipped') {
      try {
        const run = (await connection.whileOpen(() =>
          temporal.workflow.getHandle(workflowId, id).result(),
        )) as Run;
        // The idempotency key had given another run already: that one is told of.
        if (run.id !== id) return run;
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        const run = await findRun(connection, id);
        if (run === undefined) throw workflowError(error);
        return run;
      }
    }
    return get();
  };
  return {
    id,
    sync,
    how,
    get,
    result,
    async *progress({ intervalMs = DEFAULT_INTERVAL_MS } = {}) {
      const ended = new AbortController();
      const end = result().finally(() => ended.abort());
      // Awaited below; until then a failure must not count as unhandled.
      end.catch(() => undefined);
      while (!ended.signal.aborted) {
        const run = await get();
        if (isFinal(run.status)) break;
        yield run;
        await delay(intervalMs, undefined, { signal: ended.signal }).catch(() => undefined);
      }
      yield await end;
    },
    cancel: () => steer(() => followed.cancel()),
    pause: () => update('pause'),
    resume: () => update('resume'),
    approve: () => update('approve'),
    decline: () => update('decline'),
  };
}
