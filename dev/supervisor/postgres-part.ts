import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresCluster } from '../postgres-cluster.ts';
import { awaitPostgres, ensureDatabase, postgresProgram } from '../postgres-server.ts';
import { findProcesses, findProcessesIn } from './find-processes.ts';
import { FORLORN, type Part } from './part.ts';
import { stopProcess } from './stop-process.ts';

/** The database of the ledger. */
export const LEDGER_DATABASE = 'backhaul';

export const postgresCommandLine = (data: string): string[] => ['-D', data];

export const postgresPart = (cluster: PostgresCluster, port: number, log: string): Part => ({
  name: 'postgres',
  program: postgresProgram(cluster, port),
  log,
  prepare: () => clear(cluster.data),
  async ready(running) {
    await awaitPostgres(cluster, port, running);
    await ensureDatabase(cluster, port, LEDGER_DATABASE);
  },
});

/** Makes way for a server: what one that was killed has left would refuse it. */
const clear = async (data: string): Promise<void> => {
  if ((await findProcesses(postgresCommandLine(data))).length > 0) return;
  // Ids are given away again (with a container they begin anew), and a zombie that nobody collects keeps its own.
  await rm(join(data, 'postmaster.pid'), { force: true });
  // A session that computes does not notice that its server was killed. It would go on for as long as that takes.
  for (const session of await findProcessesIn(data, 'postgres: ')) await stopProcess(session, FORLORN);
};
