import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { syncName } from '../../vocabulary/ids.ts';
import { syncWorkflowId } from '../../vocabulary/installation.ts';
import { isFinal, type Run } from '../../vocabulary/run.ts';
import type { ClientConnection } from '../connection.ts';
import { runHandle } from '../run-handle.ts';
import { getRun } from '../runs.ts';

const LOOK_EVERY_MS = 1000;

/**
 * The run about once a second until it has ended; the last one is its end. It only looks: who stops listening leaves nothing
 * behind that waits.
 *
 * @throws run_not_found, and why it could not be opened
 */
export async function* followRun(
  connection: ClientConnection,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Run, void> {
  let run = await getRun(connection, id);
  for (;;) {
    yield run;
    if (isFinal(run.status)) return;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    run = (await opened(connection, run)) ? await getRun(connection, id) : await notOpened(connection, run);
  }
}

/** A run that no worker has taken up yet may end without ever being in the ledger. */
async function opened(connection: ClientConnection, { id, status, sync }: Run): Promise<boolean> {
  if (status !== 'queued') return true;
  const workflowId = syncWorkflowId(connection.installation, syncName(sync));
  try {
    const { status: now } = await connection.temporal.workflow.getHandle(workflowId, id).describe();
    return now.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

/** It has ended, so that this waits for nothing. */
const notOpened = (connection: ClientConnection, { id, sync }: Run): Promise<Run> =>
  runHandle(connection, sync, { run: id, how: 'existing' }).result();
