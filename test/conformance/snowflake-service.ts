import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startSnowflakeStandin } from '../standins/snowflake/start.ts';
import { STANDARD_COLUMNS, STANDARD_KINDS } from './standard-rows.ts';
import type { Fault, Service } from './subject.ts';

const COLUMNS = STANDARD_COLUMNS.map((column) => `"${column}"`).join(', ');
const PASSPHRASE = 'passphrase-of-the-key';
/** All that an administrator may set on a user that would change what a query returns, or how. */
const HOSTILE = {
  TIMEZONE: 'Asia/Kolkata',
  TIMESTAMP_OUTPUT_FORMAT: 'DD/MM/YY HH12 AM',
  DATE_OUTPUT_FORMAT: 'DD.MM.YYYY',
  BINARY_OUTPUT_FORMAT: 'BASE64',
  ROWS_PER_RESULTSET: 10,
  MULTI_STATEMENT_COUNT: 0,
  STATEMENT_TIMEOUT_IN_SECONDS: 1,
};

/** fakesnow behind a server of Snowflake's protocol. */
export async function startSnowflake(): Promise<Service> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE },
  });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const standin = await startSnowflakeStandin({
    reader: { password: 'password-of-reader', publicKeyPem: publicKey },
    hostile: { password: 'password-of-hostile', settings: HOSTILE },
  });
  const tls = createServer(certificate()).listen(0, '127.0.0.1');
  await once(tls, 'listening');
  const tlsUrl = `https://127.0.0.1:${(tls.address() as AddressInfo).port}`;

  const common = {
    type: 'snowflake',
    account: 'myorg-myaccount',
    user: 'reader',
    warehouse: 'WH',
    database: 'DB1',
    schema: 'S1',
    role: 'READER',
    accessUrl: standin.url,
  };
  const keyPair = { privateKey, privateKeyPassphrase: PASSPHRASE };
  const noKey = { privateKey: undefined, privateKeyPassphrase: undefined };
  const model = (sql: string) => ({ name: 'users', sql });
  const warehouse = (state: string, autoResume: string) => async () => {
    await standin.provoke('warehouse', { state, auto_resume: autoResume });
    return () => standin.provoke('warehouse', { state: 'STARTED', auto_resume: 'true' });
  };
  const faults: Fault[] = [
    {
      name: 'syntax',
      model: model('select "id"\nfrom users\nwhere ('),
      code: 'source_syntax',
      says: /line \d, column \d+/,
    },
    {
      name: 'table',
      model: model('select 1 as a from nowhere'),
      code: 'source_table_missing',
      says: /NOWHERE/i,
    },
    {
      name: 'column',
      model: model('select "id",\n  nothing from users'),
      code: 'source_column_missing',
      says: /line 2, column 3, invalid identifier NOTHING/,
    },
    { name: 'permission', model: model('select id from hidden'), code: 'source_permission', says: /HIDDEN/ },
    { name: 'role', connection: { role: 'NOBODY' }, code: 'source_permission' },
    {
      name: 'usage of the warehouse',
      connection: { role: 'OUTSIDER' },
      code: 'source_permission',
      says: /WH/,
    },
    { name: 'warehouse', connection: { warehouse: 'NOWHERE' }, code: 'source_permission', says: /NOWHERE/ },
    {
      name: 'a suspended warehouse',
      code: 'source_suspended',
      says: /WH/,
      provoke: warehouse('SUSPENDED', 'false'),
    },
    {
      name: 'a resource monitor',
      model: model('select "id" from users where "id" = 1'),
      code: 'source_quota',
      provoke: warehouse('EXHAUSTED', 'true'),
    },
    { name: 'database', connection: { database: 'NOWHERE' }, code: 'source_database_missing' },
    { name: 'schema', connection: { schema: 'NOWHERE' }, code: 'source_database_missing' },
    { name: 'password', connection: { ...noKey, password: 'wrong-password' }, code: 'source_credentials' },
    { name: 'token', connection: { ...noKey, oauthToken: 'wrong-token' }, code: 'source_credentials' },
    { name: 'passphrase', connection: { privateKeyPassphrase: 'wrong' }, code: 'source_credentials' },
    {
      name: 'key',
      connection: {
        privateKey: other.export({ format: 'pem', type: 'pkcs8' }).toString(),
        privateKeyPassphrase: undefined,
      },
      code: 'source_credentials',
    },
    {
      name: 'clock',
      code: 'source_clock_skew',
      provoke: async () => {
        await standin.provoke('clock', { seconds: 3600 });
        return () => standin.provoke('clock', { seconds: 0 });
      },
    },
    {
      name: 'an address that is not the vendor’s',
      connection: { accessUrl: 'https://example.com' },
      code: 'source_endpoint_refused',
    },
    { name: 'port', connection: { accessUrl: 'http://127.0.0.1:1' }, code: 'source_unreachable' },
    { name: 'host', connection: { accessUrl: 'http://nowhere.invalid' }, code: 'source_host_unknown' },
    { name: 'TLS', connection: { accessUrl: tlsUrl }, code: 'source_tls' },
    {
      name: 'timeout',
      connection: { statementTimeout: '1s' },
      model: model('select system$wait(60) as a'),
      code: 'source_timeout',
    },
  ];
  return {
    connection: { ...common, ...keyPair },
    allowedEndpoints: [standin.url, 'http://127.0.0.1:1', 'http://nowhere.invalid', tlsUrl],
    kinds: STANDARD_KINDS,
    models: {
      rows: model(`select ${COLUMNS} from users`),
      one: model(`select ${COLUMNS} from users where "id" = 1`),
      empty: model(`select ${COLUMNS} from users where "id" < 0`),
      twice: model('select "id", "email" as "id" from users'),
    },
    paths: {
      'a password': { ...noKey, password: 'password-of-reader' },
    },
    hostile: { ...noKey, user: 'hostile', password: 'password-of-hostile' },
    faults,
    writes: [
      'delete from users',
      'drop table users',
      "insert into users values (1, 'x')",
      'merge into users using users u on 1 = 1 when matched then delete',
      'create table other as select 1 as a',
      'call procedure_that_writes()',
      'copy into users from @stage',
      'execute immediate $$delete from users$$',
      'alter session set rows_per_resultset = 1',
      'select 1 as a; delete from users',
      'select 1 as a) as model; delete from users; select * from (select 1 as a',
      'select 1 as a ->> insert into users select * from $1',
      "select system$cancel_query('00000000-0000-0000-0000-000000000000')",
      "select identifier('system$abort_session')(1) as a",
      'with p as procedure () returns varchar language sql as $$delete from users$$ call p()',
      'select numbers.nextval as a',
      'put file:///etc/passwd @stage',
    ].map(model),
    writer: { role: 'WRITER' },
    slow: model('select system$wait(60) as a'),
    running: async () => (await standin.state()).running,
    resumable: true,
    expireResults: () => standin.provoke('forget-results'),
    breakConnections: () => standin.provoke('break', { times: 2 }),
    valueOf: async (expression) => model(`select ${expression} as "value"`),
    async close() {
      tls.closeAllConnections();
      tls.close();
      await standin.stop();
    },
  };
}

const certificate = () => {
  const folder = join(import.meta.dirname, '../fixtures/tls');
  return { cert: readFileSync(join(folder, 'server.pem')), key: readFileSync(join(folder, 'server.key')) };
};
