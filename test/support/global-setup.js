// One PostgreSQL and one Temporal for all test files; what they are made of comes from the build, so `npm run build` goes first.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { freePort } from '../../dist/dev/free-port.js';
import { openPostgresCluster, clusterUrl } from '../../dist/dev/postgres-cluster.js';
import { awaitPostgres, postgresProgram } from '../../dist/dev/postgres-server.js';
import { choosePostgresSite } from '../../dist/dev/postgres-site.js';
import { spawnLogged } from '../../dist/dev/spawn-logged.js';
import { findTemporalCli } from '../../dist/dev/temporal-cli.js';
import { awaitTemporal, NAMESPACE, temporalProgram, withConnection } from '../../dist/dev/temporal-server.js';
import { registerSearchAttributes } from '../../dist/client/register-search-attributes.js';

/** Nothing of a test has to survive a power cut. */
const UNSAFE_AND_FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
const TEMPORAL_SETTINGS = [
  // Timers and retries of a server have a floor of one second otherwise.
  'history.timerProcessorMaxTimeShift="10ms"',
  // A run of a few hundred thousand rows continues as new, where it would take millions.
  'limit.historyCount.suggestContinueAsNew=200',
];

const report = (line) => process.stderr.write(`${line}\n`);

export default async function globalSetup() {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-test-'));
  // Started by root, PostgreSQL runs as a user who has to get in; else its data would go where nothing removes it.
  await chmod(folder, 0o755);
  // Run by root, PostgreSQL is another user, who must be able to enter it; else its data would be put elsewhere, and stay.
  await chmod(folder, 0o711);
  const started = [];
  // An interrupted run must leave no server behind.
  process.once('exit', () => started.forEach((program) => program.kill('SIGKILL')));
  globalThis.stopTestServers = async () => {
    for (const program of started.splice(0).reverse()) {
      program.kill('SIGINT');
      await program.exited;
    }
    await rm(folder, { recursive: true, force: true });
  };

  const cli = await findTemporalCli({ home: folder, env: process.env, report });
  const [postgresPort, temporalPort] = [await freePort(), await freePort()];
  const cluster = await openPostgresCluster(await choosePostgresSite(join(folder, 'postgres')));
  const postgres = await spawnLogged(
    postgresProgram(cluster, postgresPort, UNSAFE_AND_FAST),
    join(folder, 'postgres.log'),
  );
  started.push(postgres);
  const temporal = await spawnLogged(
    temporalProgram({ cli, port: temporalPort, home: folder, dynamicConfig: TEMPORAL_SETTINGS }),
    join(folder, 'temporal.log'),
  );
  started.push(temporal);
  const temporalAddress = `127.0.0.1:${temporalPort}`;
  await awaitPostgres(cluster, postgresPort, postgres);
  await awaitTemporal(temporalAddress, temporal);
  await withConnection(temporalAddress, (connection) =>
    registerSearchAttributes(new Client({ connection, namespace: NAMESPACE })),
  );

  process.env.TEST_SKIPS = join(folder, 'skips');
  process.env.TEST_POSTGRES_URL = clusterUrl(cluster, postgresPort, 'postgres');
  process.env.TEST_TEMPORAL_ADDRESS = temporalAddress;
  process.env.TEMPORAL_CLI_PATH = cli;
}
