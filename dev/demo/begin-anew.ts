import { Client } from '@temporalio/client';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readEnvironment } from '../../definitions/installation-environment.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import type { DevServers } from '../supervisor/start-dev.ts';
import { NAMESPACE, withConnection } from '../temporal-server.ts';

/**
 * Takes away what an earlier demo left in its home: the receiver starts empty each time, and a state that says
 * "Segment has all of them" would send it nothing. Only the history in Temporal stays, to look at.
 *
 * @returns whether there was anything
 */
export async function beginAnew({ blobs, databaseUrl, env, temporalAddress }: DevServers): Promise<boolean> {
  await endOpenWorkflows(temporalAddress);
  const folder = fileURLToPath(blobs);
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });

  const { databaseSchema: schema } = readEnvironment(env);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const name = client.escapeIdentifier(schema);
    const { rowCount } = await client.query(`select from ${name}.runs limit 1`);
    await client.query(`drop schema ${name} cascade`);
    return rowCount !== 0;
  } finally {
    await client.end();
    await migrateLedger({ databaseUrl, schema });
  }
}

/** A demo that was killed in a run left it open: the next start would go along with it. */
const endOpenWorkflows = (address: string): Promise<void> =>
  withConnection(address, async (connection) => {
    const { workflow } = new Client({ connection, namespace: NAMESPACE });
    for await (const { runId, workflowId } of workflow.list({ query: "ExecutionStatus = 'Running'" })) {
      await workflow.getHandle(workflowId, runId).terminate('the demo begins anew');
    }
  });
