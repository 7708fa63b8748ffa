import { join } from 'node:path';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { clusterUrl, type PostgresCluster } from './postgres-cluster.ts';
import { postgresEnvironment } from './postgres-environment.ts';
import type { Program, RunningProgram } from './spawn-logged.ts';

/** A server that was killed replays up to a gigabyte of its log. */
const READY_TIMEOUT_MS = 600_000;
const READY_POLL_MS = 50;
/** More than the worker's pools, the demo and a person's psql together. */
const MAX_CONNECTIONS = 200;

/** The server as a program to run, on loopback only. */
export const postgresProgram = (
  cluster: PostgresCluster,
  port: number,
  settings: readonly string[] = [],
): Program => {
  const { site, data } = cluster;
  const all = [
    'listen_addresses=127.0.0.1',
    // A socket in a shared folder would be one more thing to leave behind.
    'unix_socket_directories=',
    `max_connections=${MAX_CONNECTIONS}`,
    ...settings,
  ];
  return {
    command: join(site.binaries, 'bin', 'postgres'),
    args: ['-D', data, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])],
    env: postgresEnvironment,
    cwd: site.folder,
    ...(site.user === undefined ? {} : { user: site.user }),
  };
};

/** Waits until the server takes queries. After a crash it first replays its log, which can take a while. */
export const awaitPostgres = async (
  cluster: PostgresCluster,
  port: number,
  running: RunningProgram,
): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let last: unknown;
  while (!running.hasExited() && performance.now() < deadline) {
    try {
      await withClient(clusterUrl(cluster, port, 'postgres'), (client) => client.query('select 1'));
      // Another server may hold the port: then it was that one which answered, or refused.
      if (!running.hasExited()) return;
    } catch (error) {
      last = error;
    }
    await sleep(READY_POLL_MS);
  }
  const how = running.hasExited() ? await running.exited : 'no answer';
  throw new BackhaulError('dev_failed', `PostgreSQL: ${how}`, { cause: last });
};

/** Creates the database when it is not there yet. */
export const ensureDatabase = async (
  cluster: PostgresCluster,
  port: number,
  database: string,
): Promise<void> =>
  withClient(clusterUrl(cluster, port, 'postgres'), async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  });

const withClient = async <T>(
  connectionString: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  // Without a listener a connection that breaks between queries would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};
