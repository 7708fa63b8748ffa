import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle } from './telemetry/workflow-bundle.ts';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** Whether the workflows of this version do what a history says. @returns the name of what is wrong; null: they do */
export async function replayHistory(history: History, workflowId: string): Promise<string | null> {
  quiet();
  try {
    await Worker.runReplayHistory(
      { workflowBundle: { codePath: workflowBundle(false) } },
      history,
      workflowId,
    );
    return null;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}

let isQuiet = false;

/** A history that does not replay is the answer here and no fault to log. */
function quiet(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
    shutdownSignals: [],
  });
}
