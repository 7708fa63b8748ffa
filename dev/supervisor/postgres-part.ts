import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identifyProcess } from '../../definitions/process-identity.ts';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { awaitPostgres, ensureDatabase, postgresProgram } from '../postgres-server.ts';
import { findProcesses } from './find-processes.ts';
import type { Part } from './part.ts';

/** The database of the ledger. */
export const LEDGER_DATABASE = 'backhaul';

export const postgresCommandLine = (data: string): string[] => ['-D', data];

export const postgresPart = (cluster: PostgresCluster, port: number, log: string): Part => ({
  name: 'postgres',
  program: postgresProgram(cluster, port),
  log,
  prepare: () => removeStalePidFile(cluster.data),
  async ready(running) {
    await awaitPostgres(cluster, port, running);
    await ensureDatabase(cluster, port, LEDGER_DATABASE);
  },
});

/**
 * PostgreSQL refuses to start as long as the process that its pid file names exists, though that may be another
 * one by now (ids begin anew with a container), or a zombie that nobody collects. Its shared memory still tells
 * it when a server is at work on the data.
 */
const removeStalePidFile = async (data: string): Promise<void> => {
  const path = join(data, 'postmaster.pid');
  const pid = Number((await readFile(path, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const living = (await identifyProcess(pid)) !== null;
  const servers = living ? await findProcesses(postgresCommandLine(data)) : [];
  if (!servers.some((server) => server.pid === pid)) await rm(path, { force: true });
};
