import type { ConnectionChange, Fault, Service } from './subject.ts';
import {
  BUCKET,
  CA,
  CLUSTER,
  KEYS,
  REGION,
  startRedshift,
  type Redshift,
} from '../standins/redshift/redshift.ts';
import { loadStandardRows } from './postgres-rows.ts';
import { STANDARD_COLUMNS, STANDARD_KINDS } from './standard-rows.ts';

const COLUMNS = STANDARD_COLUMNS.join(', ');
const model = (sql: string) => ({ name: 'users', sql });

type Read = 'cursor' | 'unload' | 'data_api';

/** PostgreSQL behind the stand-ins of Redshift; `read` is the way that the cases go. */
export async function startRedshiftService(read: Read): Promise<Service> {
  const redshift = await startRedshift();
  const { database, dataApi, hostile, proxy, reader, s3 } = redshift;
  await loadStandardRows(database.url);
  await database.query('create table hidden (id int)');
  for (const role of [reader, hostile]) await database.query(`grant select on users to ${role}`);
  const ways = waysTo(redshift);
  const admin = new URL(database.url);
  const address = {
    type: 'redshift',
    host: 'localhost',
    port: proxy.port,
    database: redshift.name,
    user: reader,
    password: redshift.passwordOf(reader),
    sslrootcert: CA,
    secretAccessKey: 'a-secret-access-key',
  };
  const ours = "datname = current_database() and application_name = 'backhaul' and state <> 'idle'";
  return {
    connection: { ...address, ...ways[read] },
    allowedEndpoints: redshift.allowed,
    kinds: STANDARD_KINDS,
    models: {
      rows: model(`select ${COLUMNS} from users`),
      one: model(`select ${COLUMNS} from users where id = 1`),
      empty: model(`select ${COLUMNS} from users where id < 0`),
      twice: model('select id, email as id from users'),
    },
    paths:
      read !== 'cursor'
        ? {}
        : {
            'a cursor on a single node': { port: redshift.singleNode.port },
            'small fetches': { fetchRows: 777 },
            'a login by IAM': ways.iam,
            'a login by IAM, serverless': ways.serverless,
            unload: ways.unload,
            data_api: ways.data_api,
          },
    hostile: { user: hostile, password: redshift.passwordOf(hostile) },
    faults: [...modelFaults(), ...(read === 'data_api' ? awsFaults() : addressFaults(redshift, read))],
    writes: WRITES.map(model),
    writer:
      read === 'data_api'
        ? { user: 'admin' }
        : { user: decodeURIComponent(admin.username), password: decodeURIComponent(admin.password) },
    slow: model('select pg_sleep(60)::text as id'),
    running: async () => {
      const [row] = await database.query(
        `select count(*)::int as running from pg_stat_activity where ${ours}`,
      );
      return Number(row?.running);
    },
    resumable: read !== 'cursor',
    expireResults:
      read === 'cursor'
        ? null
        : async () => {
            dataApi.forget();
            await s3.empty();
          },
    breakConnections: async () => {
      dataApi.breakConnections();
      s3.breakConnections();
      await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${ours}`);
    },
    valueOf: async (expression) => model(`select ${expression} as value`),
    close: redshift.close,
  };
}

const WRITES = [
  'delete from users',
  'drop table users',
  'select 1 as a; delete from users',
  'with gone as (delete from users returning id) select id from gone',
  'with x as (select 1) delete from users',
  'select id into other from users',
  'select id from users for update',
  "select set_config('transaction_read_only', 'off', true)",
  'select pg_terminate_backend(id::int) as id from users qualify true',
  "unload ('select 1') to 's3://elsewhere/' iam_role default",
  'call something()',
  // Redshift reads \' as a quotation mark inside of a literal, PostgreSQL as a backslash at its end.
  "select 'a\\', ') as model; delete from users; --' as id",
  'select id from users) as model; delete from users; select * from (select 1 as id',
  'select id from users qualify row_number() over (partition by id) = 1; delete from users',
];

function waysTo({
  credentials,
  dataApi,
  s3,
}: Redshift): Record<Read | 'iam' | 'serverless', ConnectionChange> {
  const aws = { region: REGION, accessKeyId: KEYS.good };
  const iam = { auth: 'iam', ...aws, redshiftEndpoint: credentials.origin };
  return {
    cursor: { read: 'cursor' },
    unload: {
      read: 'unload',
      ...aws,
      unloadTo: `s3://${BUCKET}/runs`,
      unloadRole: 'arn:aws:iam::123456789012:role/unload',
      s3Endpoint: s3.origin,
    },
    data_api: { read: 'data_api', ...aws, clusterIdentifier: CLUSTER, dataApiEndpoint: dataApi.origin },
    iam: { ...iam, clusterIdentifier: CLUSTER },
    serverless: { ...iam, workgroup: CLUSTER },
  };
}

const modelFaults = (): Fault[] => [
  {
    name: 'syntax',
    model: model('select id\nfrom users\nwhere'),
    code: 'source_syntax',
    says: /line 3, column 6/,
  },
  { name: 'table', model: model('select 1 from nowhere'), code: 'source_table_missing', says: /column 15/ },
  {
    name: 'column',
    model: model("select 'é' as x,\n  nothing from users"),
    code: 'source_column_missing',
    says: /line 2, column 3/,
  },
  { name: 'permission', model: model('select id from hidden'), code: 'source_permission' },
  {
    name: 'timeout',
    connection: { statementTimeout: '300ms' },
    model: model('select pg_sleep(30)::text as id'),
    code: 'source_timeout',
  },
];

function addressFaults({ credentials }: Redshift, read: Read): Fault[] {
  const iam = {
    auth: 'iam',
    region: REGION,
    redshiftEndpoint: credentials.origin,
    clusterIdentifier: CLUSTER,
  };
  return [
    { name: 'password', connection: { password: 'wrong-password' }, code: 'source_credentials' },
    { name: 'database', connection: { database: 'nowhere' }, code: 'source_database_missing' },
    { name: 'host', connection: { host: 'nowhere.invalid' }, code: 'source_host_unknown' },
    { name: 'port', connection: { port: 1 }, code: 'source_unreachable' },
    { name: 'plain text', connection: { sslmode: 'disable' }, code: 'source_tls' },
    { name: 'another name', connection: { host: '127.0.0.1' }, code: 'source_tls' },
    { name: 'an unknown authority', connection: { sslrootcert: 'system' }, code: 'source_tls' },
    {
      name: 'IAM: a host of somebody else',
      connection: { ...iam, accessKeyId: KEYS.good, host: '127.0.0.1' },
      code: 'source_endpoint_refused',
      says: /https:\/\/127\.0\.0\.1/,
    },
    {
      name: 'IAM: permission',
      connection: { ...iam, accessKeyId: KEYS.denied },
      code: 'source_permission',
      says: /redshift:GetClusterCredentials/,
    },
    { name: 'IAM: keys', connection: { ...iam, accessKeyId: 'AKIAUNKNOWN' }, code: 'source_credentials' },
    { name: 'IAM: clock', connection: { ...iam, accessKeyId: KEYS.skewed }, code: 'source_clock_skew' },
    {
      name: 'IAM: cluster',
      connection: { ...iam, accessKeyId: KEYS.good, clusterIdentifier: 'nowhere' },
      code: 'source_host_unknown',
    },
    {
      name: 'IAM: workgroup',
      connection: { ...iam, accessKeyId: KEYS.good, workgroup: 'nowhere' },
      code: 'source_host_unknown',
    },
    ...(read === 'unload'
      ? ([
          {
            name: 'bucket',
            connection: { unloadTo: 's3://nowhere/runs' },
            code: 'source_database_missing',
            says: /s3:ListBucket/,
          },
          {
            name: 'endpoint',
            connection: { s3Endpoint: 'https://elsewhere.example.com' },
            code: 'source_endpoint_refused',
          },
        ] satisfies Fault[])
      : []),
  ];
}

const awsFaults = (): Fault[] => [
  { name: 'keys', connection: { accessKeyId: 'AKIAUNKNOWN' }, code: 'source_credentials' },
  {
    name: 'keys that ran out',
    connection: { accessKeyId: KEYS.expired },
    code: 'source_credentials',
  },
  { name: 'clock', connection: { accessKeyId: KEYS.skewed }, code: 'source_clock_skew' },
  {
    name: 'permission of AWS',
    connection: { accessKeyId: KEYS.denied },
    code: 'source_permission',
    says: /redshift-data:BatchExecuteStatement/,
  },
  { name: 'user', connection: { user: 'nobody' }, code: 'source_credentials' },
  { name: 'database', connection: { database: 'nowhere' }, code: 'source_database_missing' },
  { name: 'cluster', connection: { clusterIdentifier: 'nowhere' }, code: 'source_host_unknown' },
  {
    name: 'endpoint',
    connection: { dataApiEndpoint: 'https://elsewhere.example.com' },
    code: 'source_endpoint_refused',
  },
  { name: 'port', connection: { dataApiEndpoint: 'http://127.0.0.1:1' }, code: 'source_endpoint_refused' },
];
