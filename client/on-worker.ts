import { randomUUID } from 'node:crypto';
import { TimeoutFailure, WorkflowFailedError, type Client } from '@temporalio/client';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { blobName } from '../vocabulary/ids.ts';
import { inInstallation } from '../vocabulary/installation.ts';
import type { Column } from '../vocabulary/columns.ts';
import { isPolled } from '../vocabulary/task-queue.ts';
import { roleQueue } from '../vocabulary/worker-role.ts';
import type { ClientConnection } from './connection.ts';
import { workflowError } from './workflow-error.ts';

export interface Preview {
  columns: Column[];
  /** Canonical texts, in the order of the columns. */
  rows: (string | null)[][];
}

/** Long enough for a cold warehouse, short enough to tell that no worker is there. */
const WORKER_TIMEOUT = '5m';

/** What is worth knowing of a connection that works. */
export interface ConnectionCheck {
  warnings: string[];
  /** What the credentials showed of themselves, such as what a token may read. */
  notes: string[];
  /** What `sendTest` has sent, and where a person sees it. */
  test?: { userId: string; messageId: string; seeAt: string };
}

/** Checks a connection for real, from a worker. @throws what is wrong with it */
export async function checkConnection(
  connection: ClientConnection,
  name: string,
  { draft, sendTest = false }: { draft?: string; sendTest?: boolean } = {},
): Promise<ConnectionCheck> {
  const input = { connection: name, ...(sendTest && { sendTest }), ...(draft !== undefined && { draft }) };
  return execute(connection, 'checkConnection', `check/${name}`, input);
}

/** Columns and first rows of a model. They come by a blob, which is gone once it was read. */
export async function previewModel(
  connection: ClientConnection,
  model: string,
  limit: number,
): Promise<Preview> {
  const { blob } = await execute<{ blob: string }>(connection, 'preview', `preview/${model}`, {
    model,
    limit,
  });
  const name = blobName(blob);
  const preview = JSON.parse((await connection.blobs.get(name)).toString('utf8')) as Preview;
  await connection.blobs.remove(name);
  return preview;
}

/** One at a time of that id: who asks meanwhile waits for the same answer. It may take as long as the warehouse needs. */
export async function executeShared<T>(
  { installation, taskQueue, temporal, whileOpen }: ClientConnection,
  workflow: string,
  id: string,
  input: object,
): Promise<T> {
  const workers = await requireWorker(temporal, taskQueue);
  try {
    return (await whileOpen(() =>
      temporal.workflow.execute(workflow, {
        workflowId: inInstallation(installation, id),
        workflowIdConflictPolicy: 'USE_EXISTING',
        taskQueue,
        args: [{ ...input, ...workers }],
      }),
    )) as T;
  } catch (error) {
    throw workflowError(error);
  }
}

async function execute<T>(
  { installation, taskQueue, temporal }: ClientConnection,
  workflow: string,
  what: string,
  input: object,
): Promise<T> {
  const workers = await requireWorker(temporal, taskQueue);
  try {
    return (await temporal.workflow.execute(workflow, {
      workflowId: inInstallation(installation, `${what}/${randomUUID()}`),
      taskQueue,
      args: [{ ...input, ...workers }],
      workflowExecutionTimeout: WORKER_TIMEOUT,
    })) as T;
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof TimeoutFailure) {
      throw new BackhaulError('no_worker', taskQueue, { cause: error });
    }
    throw workflowError(error);
  }
}

/**
 * Better said now than after the timeout.
 *
 * @returns what the workflow has to know: that there are workers with roles
 */
async function requireWorker(
  { options, workflowService }: Client,
  taskQueue: string,
): Promise<{ roles?: true }> {
  const { namespace } = options;
  if (!(await isPolled(workflowService, { namespace, taskQueue, of: 'workflows' })))
    throw new BackhaulError('no_worker', taskQueue);
  const planning = { namespace, taskQueue: roleQueue(taskQueue, 'plan'), of: 'activities' } as const;
  return (await isPolled(workflowService, planning)) ? { roles: true } : {};
}
