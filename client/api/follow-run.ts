import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { syncName } from '../../vocabulary/ids.ts';
import { syncWorkflowId } from '../../vocabulary/installation.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { isFinal, type Run } from '../../vocabulary/run.ts';
import type { ClientConnection } from '../connection.ts';
import { runHandle } from '../run-handle.ts';
import { getRun } from '../runs.ts';

const LOOK_EVERY_MS = 1000;
/** Temporal lists what was started a moment ago with some delay. */
const FOUND_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 200;
/** Temporal's, by time: others are not waited for. */
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

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
  let run = await foundSoon(connection, id, signal);
  for (;;) {
    yield run;
    if (isFinal(run.status)) return;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    run = (await opened(connection, run)) ? await getRun(connection, id) : await notOpened(connection, run);
  }
}

async function foundSoon(connection: ClientConnection, id: string, signal: AbortSignal): Promise<Run> {
  for (const deadline = Date.now() + FOUND_WITHIN_MS; ;) {
    try {
      return await getRun(connection, id);
    } catch (error) {
      const isUnknown = error instanceof BackhaulError && error.code === 'run_not_found';
      if (!isUnknown || !RUN_ID.test(id) || Date.now() > deadline || signal.aborted) throw error;
      await delay(LOOK_AGAIN_MS);
    }
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
