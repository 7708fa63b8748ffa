import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { Backhaul } from '../../client/index.ts';
import type { ApiPermissions } from '../../definitions/from-api.ts';
import { startReceiver, type Receiver } from '../../dev/receiver/receiver.ts';
import type { Section } from '../../definitions/schema.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import type { RunOptions } from '../../client/start-run.ts';
import type { Run } from '../../vocabulary/run.ts';
import { startApi, type TestApi } from './api.ts';
import { freshDatabase, type TestDatabase } from './postgres.ts';
import { required } from './required.ts';
import type { Way } from './ways.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

export const WRITE_KEY = 'planted-write-key'.padEnd(32, '0');

export interface TestInstallation {
  /** Its own environment: what its processes get, and a test looks into it by. */
  env: NodeJS.ProcessEnv;
  /** What a command gets that is to reach it: through the HTTP API its address and a key, and nothing else. */
  commandEnv: NodeJS.ProcessEnv;
  /** The library, which reaches it as commands do. */
  backhaul: Backhaul;
  /** As any other Temporal client has it. */
  temporal: Client;
  receiver: Receiver;
  /** The ledger's database. */
  ledger: TestDatabase;
  /** What models read. */
  warehouse: TestDatabase;
  /** Adds or changes definitions. `warehouse` and `segment` are there already. */
  define(definitions: Partial<Record<Section, object>>): Promise<void>;
  /** A model of that SQL and a sync of it, both of that name. */
  sync(name: string, sql: string, fields?: object): Promise<void>;
  /** Runs a sync and waits for its end. */
  run(name: string, options?: RunOptions): Promise<Run>;
  startWorker(env?: NodeJS.ProcessEnv): Promise<WorkerProcess>;
  close(): Promise<void>;
}

export interface InstallationOptions {
  /** How `backhaul` and the commands reach it. @default 'directly' */
  through?: Way;
  /** Fields of the Segment connection. */
  segment?: object;
  receiver?: Parameters<typeof startReceiver>[0];
  /** Variables besides its own. Definitions that come through the HTTP API may name them. */
  env?: NodeJS.ProcessEnv;
}

/** An installation of its own on the servers of the test run: ledger, warehouse, blobs, receiver; no worker yet. */
export async function openInstallation(options: InstallationOptions = {}): Promise<TestInstallation> {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-installation-'));
  const [ledger, warehouse, receiver] = [
    await freshDatabase(),
    await freshDatabase(),
    await startReceiver(options.receiver ?? {}),
  ];
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: folder,
    BACKHAUL_DATABASE_URL: ledger.url,
    BACKHAUL_BLOBS: pathToFileURL(join(folder, 'blobs')).href,
    BACKHAUL_HOME: join(folder, 'home'),
    BACKHAUL_SCRATCH: join(folder, 'scratch'),
    BACKHAUL_INSTALLATION: `test-${randomBytes(6).toString('hex')}`,
    TEMPORAL_ADDRESS: required('TEST_TEMPORAL_ADDRESS'),
    WAREHOUSE_URL: warehouse.url,
    SEGMENT_WRITE_KEY: WRITE_KEY,
    // The servers of a test are here: connections that come by the API may lead to them.
    BACKHAUL_ALLOWED_NETWORKS: '127.0.0.0/8, ::1/128',
    ...options.env,
  };
  await migrateLedger({ databaseUrl: ledger.url });
  const direct = await Backhaul.connect(env);
  const api =
    options.through === 'the HTTP API'
      ? await startApi({ backhaul: direct, env }, { permissions: permissionsOf(options) })
      : null;
  const commandEnv = api === null ? env : await throughApi(api, env);
  const backhaul = api === null ? direct : await Backhaul.connect(commandEnv);
  const temporal = new Client({
    connection: await Connection.connect({ address: env.TEMPORAL_ADDRESS ?? '' }),
  });
  const workers: WorkerProcess[] = [];

  let last: Promise<unknown> = Promise.resolve();
  /** A plan that others have overtaken is refused. */
  const inTurn = (apply: () => Promise<void>): Promise<void> => {
    const turn = last.then(apply);
    last = turn.catch(() => undefined);
    return turn;
  };

  const installation: TestInstallation = {
    env,
    commandEnv,
    backhaul,
    temporal,
    receiver,
    ledger,
    warehouse,
    async define({ alerts = {}, connections = {}, models = {}, syncs = {} }) {
      const { definitions, faults } = Backhaul.parseDefinitions([
        {
          path: 'test.yaml',
          text: JSON.stringify({
            version: 1,
            connections: { ...standard(receiver, options), ...connections },
            models,
            syncs,
            alerts,
          }),
        },
      ]);
      if (faults.length > 0) throw new Error(JSON.stringify(faults));
      await inTurn(async () => (await backhaul.definitions.plan(definitions)).apply());
    },
    sync: (name, sql, fields = {}) =>
      installation.define({
        models: { [name]: { connection: 'warehouse', sql } },
        syncs: {
          [name]: {
            model: name,
            destination: 'segment',
            key: { from: 'user_id', to: 'userId' },
            properties: 'all',
            ...fields,
          },
        },
      }),
    async run(name, runOptions) {
      const handle = await backhaul.syncs.run(name, runOptions);
      return handle.result();
    },
    async startWorker(more = {}) {
      const worker = await startWorker({ ...env, ...more });
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await backhaul.close();
      await api?.close();
      if (api !== null) await direct.close();
      await temporal.connection.close();
      await receiver.close();
      await Promise.all([ledger.drop(), warehouse.drop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return installation;
}

/** What is not handed in here is missed by whatever secretly needs it. */
const throughApi = async (api: TestApi, { HOME, PATH }: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> => ({
  HOME,
  PATH,
  BACKHAUL_URL: api.url,
  BACKHAUL_API_KEY: await api.key('admin'),
});

const permissionsOf = ({ env = {} }: InstallationOptions): ApiPermissions => ({
  variables: [
    'WAREHOUSE_URL',
    'SEGMENT_WRITE_KEY',
    ...Object.keys(env).filter((name) => !/^(BACKHAUL|TEMPORAL)_/.test(name)),
  ],
  networks: ['127.0.0.0/8'],
  workerIdentity: false,
});

const standard = (receiver: Receiver, { segment = {} }: InstallationOptions): object => ({
  warehouse: { type: 'postgres', url: '${WAREHOUSE_URL}' },
  segment: {
    type: 'segment',
    ...('token' in segment ? {} : { writeKey: '${SEGMENT_WRITE_KEY}' }),
    trackingUrl: receiver.url,
    eventsPerSecond: 100_000,
    ...segment,
  },
});
