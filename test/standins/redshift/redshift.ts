import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { AwsFailure, type AwsServer } from './aws-server.ts';
import { startCredentialsServer } from './credentials-server.ts';
import { startDataApiServer, type DataApiServer } from './data-api-server.ts';
import { REDSHIFT_TYPES, redshiftTypes } from './dialect.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { startS3, type S3 } from '../s3.ts';

const fixture = (file: string): string =>
  fileURLToPath(new URL(`../../fixtures/tls/${file}`, import.meta.url));

export const CA = fixture('ca.pem');
export const REGION = 'eu-west-1';
export const BUCKET = 'backhaul-unload';
export const CLUSTER = 'analytics';
/** Keys of AWS, each with what it gets to hear. */
export const KEYS = {
  good: 'AKIAGOOD',
  denied: 'AKIADENIED',
  expired: 'AKIAEXPIRED',
  skewed: 'AKIASKEWED',
} as const;

export interface Redshift {
  database: TestDatabase;
  /** The name of the database. */
  name: string;
  reader: string;
  hostile: string;
  passwordOf(role: string): string;
  proxy: Proxy;
  singleNode: Proxy;
  dataApi: DataApiServer;
  credentials: AwsServer;
  s3: S3;
  /** What the operator allows so that the connections of tests may reach all of these. */
  allowed: readonly string[];
  close(): Promise<void>;
}

/** All that a Redshift user may set by default that would change the text of a value. */
const HOSTILE = [
  "timezone = 'Asia/Kolkata'",
  "datestyle = 'German, DMY'",
  "intervalstyle = 'sql_standard'",
  'extra_float_digits = -15',
];

/** A database of PostgreSQL in the clothes of Redshift, and the services of AWS around it. */
export async function startRedshift(): Promise<Redshift> {
  const database = await freshDatabase();
  await database.query(REDSHIFT_TYPES);
  const types = await redshiftTypes((sql) => database.query(sql));
  const url = new URL(database.url);
  const suffix = randomBytes(6).toString('hex');
  const roles = [`reader_${suffix}`, `hostile_${suffix}`, `IAM:reader_${suffix}`, `IAMR:worker_${suffix}`];
  const [reader = '', hostile = '', asCluster = '', asWorkgroup = ''] = roles;
  const passwordOf = (role: string): string => `secret-of-${role}`;
  for (const role of roles)
    await database.query(`create role "${role}" login password '${passwordOf(role)}'`);
  await database.query(`grant "${reader}" to "${asCluster}", "${asWorkgroup}"`);
  for (const setting of HOSTILE) await database.query(`alter role ${hostile} set ${setting}`);

  const s3 = await startS3(BUCKET);
  const settings = {
    port: Number(url.port),
    key: await readFile(fixture('server.key')),
    certificate: await readFile(fixture('server.pem')),
    types,
    s3: s3.client,
  };
  const proxy = await startProxy(settings);
  const singleNode = await startProxy({ ...settings, singleNode: true });
  const dataApi = await startDataApiServer({
    cluster: CLUSTER,
    types,
    refuse,
    loginOf: (user) => {
      if (user === 'admin') return database.url;
      if (!roles.includes(user)) return null;
      return Object.assign(new URL(database.url), { username: user, password: passwordOf(user) }).href;
    },
  });
  const credentials = await startCredentialsServer({
    cluster: CLUSTER,
    refuse,
    grant: async (user) => {
      const role = user === null ? asWorkgroup : asCluster;
      return { user: role, password: passwordOf(role) };
    },
  });
  return {
    database,
    name: url.pathname.slice(1),
    reader,
    hostile,
    passwordOf,
    proxy,
    singleNode,
    dataApi,
    credentials,
    s3,
    allowed: [
      ...[dataApi, credentials, s3].map(({ origin }) => origin),
      ...[proxy, singleNode].map(({ port }) => `https://localhost:${port}`),
    ],
    close: async () => {
      await Promise.all([proxy, singleNode, dataApi, credentials, s3].map((server) => server.close()));
      await database.query(`drop owned by ${roles.map((role) => `"${role}"`).join(', ')}`);
      await database.drop();
    },
  };
}

function refuse(accessKeyId: string, operation: string): AwsFailure | null {
  switch (accessKeyId) {
    case KEYS.good:
      return null;
    case KEYS.denied:
      return new AwsFailure('AccessDeniedException', `not authorized to perform: ${operation}`);
    case KEYS.expired:
      return new AwsFailure('ExpiredTokenException', 'The security token included in the request is expired');
    case KEYS.skewed:
      return new AwsFailure(
        'InvalidSignatureException',
        'Signature expired: 20200101T000000Z is now earlier',
      );
    default:
      return new AwsFailure('UnrecognizedClientException', 'The security token is invalid.');
  }
}
