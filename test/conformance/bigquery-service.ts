import { PROJECT } from '../standins/bigquery/local-bigquery.ts';
import { denied, googleError, unauthenticated } from '../standins/bigquery/answers.ts';
import { createAccounts } from '../standins/bigquery/accounts.ts';
import { startBigQuery, type StandIn } from '../standins/bigquery/stand-in.ts';
import { STANDARD_COLUMNS, STANDARD_KINDS, standardRows } from './standard-rows.ts';
import type { Fault, Service } from './subject.ts';

const TYPES = {
  id: 'INT64',
  email: 'STRING',
  logins: 'INT64',
  score: 'NUMERIC',
  ratio: 'FLOAT64',
  active: 'BOOL',
  seen_at: 'TIMESTAMP',
  born: 'DATE',
  note: 'STRING',
};
const COLUMNS = STANDARD_COLUMNS.join(', ');
const HOUR_MS = 3_600_000;

/** The emulator local-bigquery behind a gate that has what it lacks. */
export async function startBigQueryService(): Promise<Service> {
  const standIn = await startBigQuery();
  const { gate } = standIn;
  await standIn.run('create schema app');
  await standIn.run('create schema hidden');
  await standIn.load('app.users', TYPES, standardRows());
  await standIn.run('create function app.notify(x int64) as (x)');
  await standIn.run('create table hidden.users as select 1 as id');
  const [reader, writer, nobody] = ['reader', 'writer', 'nobody'].map((name) => standIn.account(name));
  if (reader === undefined || writer === undefined || nobody === undefined) throw new Error('no accounts');
  gate.state.mayWrite = new Set([writer.email]);
  gate.state.mayRunNothing = new Set([nobody.email]);
  const model = (sql: string) => ({ name: 'users', sql });
  return {
    connection: {
      type: 'bigquery',
      projectId: PROJECT,
      credentials: reader.keyFile,
      dataset: 'app',
      apiEndpoint: gate.address,
      storageEndpoint: standIn.storage,
    },
    allowedEndpoints: [gate.address, standIn.storage],
    kinds: STANDARD_KINDS,
    models: {
      rows: model(`select ${COLUMNS} from app.users`),
      one: model(`select ${COLUMNS} from users where id = 1`),
      empty: model(`select ${COLUMNS} from app.users where id < 0`),
      twice: model('select id, email as id from app.users'),
    },
    paths: { storage: { read: 'storage' } },
    // A job has no session: nothing but the query itself shapes a text.
    hostile: null,
    faults: faults(standIn, nobody.keyFile),
    writes: [
      'delete from app.users where true',
      "update app.users set note = '' where true",
      "insert into app.users (id, email) values (0, '')",
      'truncate table app.users',
      'drop table app.users',
      'create table app.other as select 1 as id',
      "export data options (uri = 'gs://load/out-*.csv', format = 'CSV') as select 1 as id",
      'select 1 as id; drop table app.users',
      'begin select 1; drop table app.users; end',
      "execute immediate 'drop table app.users'",
      'declare x int64; select 1 as id',
      'call app.clean()',
      // A remote function, behind which there may be anything.
      'select app.notify(id) as id from app.users',
    ].map(model),
    writer: { credentials: writer.keyFile },
    slow: model(
      'select count(*) as id from unnest(generate_array(1, 100000)) a, unnest(generate_array(1, 100000)) b, unnest(generate_array(1, 100)) c where mod(a * b + c, 7) = 3',
    ),
    running: async () => (await standIn.jobs()).filter(({ state }) => state !== 'DONE').length,
    resumable: true,
    expireResults: () => standIn.forgetResults(),
    breakConnections: async () => gate.breakConnections(),
    valueOf: async (expression) => model(`select ${expression} as value`),
    close: () => standIn.close(),
  };
}

/** Of an account that is not known, well formed. */
function strangersKey(): string {
  return createAccounts('elsewhere').create('stranger').keyFile;
}

function faults({ gate }: StandIn, nobody: string): Fault[] {
  const model = (sql: string) => ({ name: 'users', sql });
  const answering = (answer: NonNullable<typeof gate.state.answer>) => async () => {
    gate.state.answer = answer;
    return async () => {
      gate.state.answer = null;
    };
  };
  return [
    {
      name: 'syntax',
      model: model('select id\nfrom app.users\nwhere'),
      code: 'source_syntax',
      says: /line 3, column \d/,
    },
    {
      name: 'table',
      model: model('select 1 as id from app.nowhere'),
      code: 'source_table_missing',
      says: /demo:app\.nowhere in location US/,
    },
    {
      name: 'dataset of a table',
      model: model('select 1 as id from nowhere.users'),
      code: 'source_table_missing',
      says: /dataset demo:nowhere/,
    },
    {
      name: 'column',
      model: model('select nothing from app.users'),
      code: 'source_column_missing',
      says: /"nothing"/,
    },
    {
      name: 'permission on a table',
      model: model('select id from hidden.users'),
      code: 'source_permission',
      says: /bigquery\.tables\.getData on demo\.hidden\.users/,
    },
    {
      name: 'permission to run jobs',
      connection: { credentials: nobody },
      code: 'source_permission',
      says: /bigquery\.jobs\.create on project demo/,
    },
    { name: 'dataset', connection: { dataset: 'nowhere' }, code: 'source_database_missing', says: /nowhere/ },
    {
      name: 'project',
      connection: { projectId: 'elsewhere' },
      code: 'source_database_missing',
      says: /elsewhere/,
    },
    {
      name: 'a key of another account',
      connection: { credentials: strangersKey() },
      code: 'source_credentials',
    },
    {
      name: 'no key',
      connection: { credentials: '{}' },
      code: 'source_credentials',
      says: /service_account/,
    },
    { name: 'no JSON', connection: { credentials: 'secret-nonsense' }, code: 'source_credentials' },
    {
      name: 'a key that the token endpoint refuses',
      connection: { credentials: strangersKey(), tokenUrl: `${gate.address}/token` },
      code: 'source_credentials',
      says: /invalid_grant/,
    },
    {
      name: 'an address that nobody allowed',
      connection: { tokenUrl: 'https://tokens.attacker.invalid/token' },
      code: 'source_endpoint_refused',
    },
    {
      name: 'the clock of the worker',
      provoke: async () => {
        const date = new Date(Date.now() - HOUR_MS).toUTCString();
        return answering({ ...unauthenticated(), headers: { date } })();
      },
      code: 'source_clock_skew',
      says: /36\d\d s ahead/,
    },
    {
      name: 'quota',
      provoke: answering(googleError(403, 'quotaExceeded', 'Quota exceeded', 'PERMISSION_DENIED')),
      code: 'source_quota',
    },
    {
      name: 'billing',
      provoke: answering(googleError(403, 'billingNotEnabled', 'Billing', 'PERMISSION_DENIED')),
      code: 'source_suspended',
    },
    {
      name: 'the API is switched off',
      provoke: answering(googleError(403, 'accessNotConfigured', 'Disabled', 'PERMISSION_DENIED')),
      code: 'source_permission',
    },
    {
      name: 'a permission that is named',
      provoke: answering(
        denied('Dataset demo:app: Permission bigquery.datasets.get denied on dataset demo:app'),
      ),
      code: 'source_permission',
      says: /bigquery\.datasets\.get on demo\.app/,
    },
    {
      name: 'more bytes than allowed',
      connection: { maximumBytesBilled: 1000 },
      model: model('select id from app.users'),
      code: 'source_cost_limit',
      says: /would read 10485760 bytes, maximumBytesBilled is 1000/,
    },
    {
      name: 'timeout',
      connection: { jobTimeout: '1s' },
      model: model(
        'select count(*) as id from unnest(generate_array(1, 100000)) a, unnest(generate_array(1, 100000)) b where mod(a * b, 7) = 3',
      ),
      code: 'source_timeout',
    },
    {
      name: 'a fault of the rows',
      model: model('select div(1, id - 1) as id from app.users'),
      code: 'source_query_failed',
    },
    {
      name: 'host',
      connection: { apiEndpoint: 'https://nowhere.bigquery.googleapis.com' },
      code: 'source_host_unknown',
    },
  ];
}
