import { Client } from '@temporalio/client';
import pg from 'pg';
import type { DevFile } from '../../definitions/dev-file.ts';
import { withConnection } from '../../dev/temporal-server.ts';

const WORKFLOW_ID = 'mark';

/** Leaves something on both servers of a `dev`, by which their data is known again. */
export async function leaveMarks({ databaseUrl, temporalAddress }: DevFile): Promise<void> {
  await query(databaseUrl, 'create table mark (note text)');
  await query(databaseUrl, "insert into mark values ('left here')");
  await withConnection(temporalAddress, (connection) =>
    new Client({ connection }).workflow.start('nothing', { workflowId: WORKFLOW_ID, taskQueue: 'nobody' }),
  );
}

/** What is there of the marks; it throws as long as a server does not answer. */
export async function findMarks(file: DevFile): Promise<{ postgres: unknown; temporal: string }> {
  return { postgres: await postgresMark(file), temporal: await temporalMark(file) };
}

export const postgresMark = async ({ databaseUrl }: DevFile): Promise<unknown> =>
  (await query(databaseUrl, 'select note from mark'))[0]?.note;

export const temporalMark = ({ temporalAddress }: DevFile): Promise<string> =>
  withConnection(temporalAddress, async (connection) => {
    const { status } = await new Client({ connection }).workflow.getHandle(WORKFLOW_ID).describe();
    return status.name;
  });

/** Who has asked this task queue for work lately. */
export const pollersOf = ({ temporalAddress }: DevFile, name: string): Promise<string[]> =>
  withConnection(temporalAddress, async ({ workflowService }) => {
    const { pollers } = await workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name },
      taskQueueType: 1,
    });
    return (pollers ?? []).map(({ identity }) => identity ?? '');
  });

export const MARKS = { postgres: 'left here', temporal: 'RUNNING' };

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
