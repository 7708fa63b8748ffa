import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../dev/free-port.ts';
import type { Role } from '../../vocabulary/role.ts';
import { startPublicApi, type PublicApiServer } from '../standins/segment-public-api/public-api-server.ts';
import { backhaul } from './cli.ts';
import { runInProcess, type SaidInProcess } from './cli-in-process.ts';
import { openInstallation, type TestInstallation } from './installation.ts';
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.ts';
import { openPlants } from './planted.ts';
import { required } from './required.ts';
import { startServe, type WorkerProcess } from './worker-process.ts';

/** Nobody may be shown these, whatever role they have. */
export const secrets = openPlants();
/** Only who asks for rows, with a role that may see them, is shown these. */
export const values = openPlants();

export const secret = {
  ledgerPassword: secrets.plant('the password of the ledger'),
  warehousePassword: secrets.plant('the password of the warehouse'),
  wrongPassword: secrets.plant('a wrong password of the warehouse'),
  writeKey: secrets.plant('the write key', 32),
  storedWriteKey: secrets.plant('a write key that is stored', 32),
  token: secrets.add('the token of Segment', `sgp_${secrets.plant('the random part of the token')}`),
  encryptionKey: secrets.add('the encryption key', randomBytes(32).toString('base64')),
  signing: secrets.add('the secret that signs messages', randomBytes(32).toString('base64')),
  authorization: secrets.plant('what a webhook is told to prove itself by'),
  typed: secrets.plant('a secret in a definition that is refused'),
  temporalKey: secrets.plant('the API key of Temporal'),
  forged: secrets.plant('an API key that nobody has made', 43),
};
export const row = {
  key: values.plant('the key of a row'),
  email: values.plant('the address of a person'),
  trait: values.plant('a trait'),
  invalid: values.plant('the key of a row that is invalid'),
  rejected: values.plant('the key of a row that Segment rejects'),
  changed: values.plant('a trait that has changed'),
};

export interface Said {
  where: string;
  text: string;
  /** It is an answer to somebody who asked for rows and may see them. */
  holdsRows?: boolean;
}

/** An installation of which every secret and every value is planted, and all that it says. */
export interface PlantedInstallation {
  here: TestInstallation;
  otlp: OtlpReceiver;
  publicApi: PublicApiServer;
  /** For files. */
  folder: string;
  apiUrl: string;
  keys: Readonly<Record<Role, string>>;
  role: string;
  serve: WorkerProcess;
  /** Another one after a crash. */
  worker: WorkerProcess;
  printed: Said[];
  answered: Said[];
  /** One command, by ledger and Temporal or by the API of `env`; what it says is kept. */
  command(args: string[], more?: CommandOptions): Promise<SaidInProcess>;
  /** A request; what is answered is kept. */
  call(as: Role | null, path: string, init?: RequestInit, holdsRows?: boolean): Promise<void>;
  post(as: Role | null, path: string, body: object, holdsRows?: boolean): Promise<void>;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

interface CommandOptions extends Partial<Said> {
  input?: string;
  env?: NodeJS.ProcessEnv;
}

const asSuperuser = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: required('TEST_POSTGRES_URL') });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

/** The address of a database for another user. */
export const withUser = (url: string, username: string, password: string): string =>
  Object.assign(new URL(url), { username, password }).href;

export async function openPlantedInstallation(): Promise<PlantedInstallation> {
  const role = `planted_${randomBytes(6).toString('hex')}`;
  const publicApi = await startPublicApi({
    slug: 'acme',
    tokens: [{ token: secret.token, admin: 'all' }],
    sources: [{ id: 'id-users', slug: 'users', writeKeys: [secret.storedWriteKey] }],
  });
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-planted-'));
  const otlp = await startOtlpReceiver();
  const workerPort = await freePort();
  const here = await openInstallation({
    receiver: { writeKeys: [secret.writeKey, secret.storedWriteKey] },
    env: {
      SEGMENT_WRITE_KEY: secret.writeKey,
      HOOK_SIGNING: `whsec_${secret.signing}`,
      HOOK_AUTHORIZATION: secret.authorization,
      BACKHAUL_ENCRYPTION_KEYS: secret.encryptionKey,
      BACKHAUL_ALLOWED_ENDPOINTS: publicApi.url,
      BACKHAUL_ALLOWED_NETWORKS: '127.0.0.0/8',
      BACKHAUL_API_VARIABLES: 'WAREHOUSE_URL, WRONG_URL, SEGMENT_WRITE_KEY, HOOK_SIGNING, HOOK_AUTHORIZATION',
      BACKHAUL_LOG_LEVEL: 'debug',
      BACKHAUL_WORKER_PORT: String(workerPort),
      BACKHAUL_PORT: String(await freePort()),
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_BLRP_SCHEDULE_DELAY: '200',
    },
  });
  // One that may do anything, since the ledger is another's.
  await asSuperuser(`create role ${role}_ledger superuser login password '${secret.ledgerPassword}'`);
  await asSuperuser(`create role ${role} login password '${secret.warehousePassword}'`);
  await here.warehouse.query(`
    create table people as select g as n, case g when 7 then '${row.rejected}' else '${row.key}' || g end as id,
      '${row.email}' || g || '@example.com' as email, '${row.trait}' as name from generate_series(1, 1000) g;
    insert into people values (0, '${row.invalid}', 'x', 'x'), (0, '${row.invalid}', 'x', 'x'), (0, null, '${row.email}', 'x');
    grant all on schema public to ${role}; grant select on people to ${role}`);
  Object.assign(here.env, {
    BACKHAUL_DATABASE_URL: withUser(here.ledger.url, `${role}_ledger`, secret.ledgerPassword),
    WAREHOUSE_URL: withUser(here.warehouse.url, role, secret.warehousePassword),
    WRONG_URL: withUser(here.warehouse.url, role, secret.wrongPassword),
  });
  const worker = await here.startWorker();
  const serve = await startServe(here.env);
  const apiUrl = `http://127.0.0.1:${here.env.BACKHAUL_PORT}`;
  const keyOf = async (one: Role): Promise<string> => {
    const { text } = await here.backhaul.keys.create({ name: one, role: one });
    secrets.add(`the key of the ${one}`, text.replace(/^bh_[0-9a-f]{12}_/, ''));
    return text;
  };
  const keys = {
    viewer: await keyOf('viewer'),
    operator: await keyOf('operator'),
    admin: await keyOf('admin'),
  };
  const [printed, answered]: [Said[], Said[]] = [[], []];

  const installation: PlantedInstallation = {
    here,
    otlp,
    publicApi,
    folder,
    apiUrl,
    keys,
    role,
    serve,
    worker,
    printed,
    answered,
    async command(args, { env = {}, input, ...more } = {}) {
      const own = { ...here.env, ...env };
      const isOwnProcess = ['connect', 'upgrade-check'].includes(args[0] ?? '');
      const done = isOwnProcess
        ? await backhaul(args, { env: own, ...(input !== undefined && { input }) })
        : await runInProcess(args, own);
      const said = { where: `backhaul ${args.join(' ')}: exit ${done.code}`, text: done.out + done.err };
      printed.push({ ...said, ...more });
      return { code: Number(done.code), out: done.out, err: done.err };
    },
    async call(as, path, init = {}, holdsRows = false) {
      const response = await fetch(`${apiUrl}${path}`, {
        ...init,
        headers: {
          ...(init.body != null && { 'content-type': 'application/json' }),
          ...(as !== null && { authorization: `Bearer ${keys[as]}` }),
          ...init.headers,
        },
      });
      const text = `${JSON.stringify([...response.headers])} ${await response.text()}`;
      answered.push({ where: `${as} ${init.method ?? 'GET'} ${path}: ${response.status}`, text, holdsRows });
    },
    post: (as, path, document, holdsRows) =>
      installation.call(as, path, { method: 'POST', body: JSON.stringify(document) }, holdsRows),
    async metrics() {
      const ofWorker = await fetch(`http://127.0.0.1:${workerPort}/metrics`);
      const ofServe = await fetch(`${apiUrl}/metrics`, {
        headers: { authorization: `Bearer ${keys.viewer}` },
      });
      return (await ofWorker.text()) + (await ofServe.text());
    },
    async close() {
      await serve.stop();
      await here.close();
      await Promise.all([otlp.close(), publicApi.close(), rm(folder, { recursive: true, force: true })]);
      await asSuperuser(`drop role ${role}_ledger`);
      await asSuperuser(`drop role ${role}`);
    },
  };
  return installation;
}
