import { startDatabricksStandIn } from '../standins/databricks/start-databricks.ts';
import { STANDARD_COLUMNS, STANDARD_KINDS } from './standard-rows.ts';
import type { Service } from './subject.ts';

const COLUMNS = STANDARD_COLUMNS.join(', ');
const NOWHERE = 'https://nowhere.invalid';
const CLOSED_PORT = 'http://127.0.0.1:1';

/** Real Spark SQL behind the protocol of a SQL warehouse. */
export async function startDatabricks(): Promise<Service> {
  const server = await startDatabricksStandIn();
  const model = (sql: string) => ({ name: 'users', sql });
  const once = (times: Readonly<Record<string, number>>) => async () => {
    await server.faults(times);
    return () => server.faults(Object.fromEntries(Object.keys(times).map((name) => [name, 0])));
  };
  const principal = { token: undefined, clientId: 'service-principal' };
  return {
    connection: {
      type: 'databricks',
      host: server.origin,
      warehouse: 'standard',
      token: 'dapi-reader',
      statementTimeout: '2m',
    },
    allowedEndpoints: [server.origin, server.tlsOrigin, NOWHERE, CLOSED_PORT],
    kinds: STANDARD_KINDS,
    models: {
      rows: model(`select ${COLUMNS} from users`),
      one: model(`select ${COLUMNS} from users where id = 1`),
      empty: model(`select ${COLUMNS} from users where id < 0`),
      twice: model('select id, email as ID from users'),
    },
    paths: { 'as a service principal': { ...principal, clientSecret: 'secret-of-the-principal' } },
    hostile: { warehouse: 'hostile' },
    faults: [
      {
        name: 'syntax',
        model: model('select id\nfrom users\nwhere id ='),
        code: 'source_syntax',
        says: /line 3, column 11.*42601/,
      },
      {
        name: 'table',
        model: model('select id\nfrom nowhere'),
        code: 'source_table_missing',
        says: /line 2, column 6.*TABLE_OR_VIEW_NOT_FOUND.*42P01/,
      },
      {
        name: 'schema of a table',
        model: model('select id from nowhere.users'),
        code: 'source_table_missing',
      },
      {
        name: 'column',
        model: model('select nothing from users'),
        code: 'source_column_missing',
        says: /line 1, column 8.*42703/,
      },
      {
        name: 'permission',
        model: model('select id from hidden'),
        code: 'source_permission',
        says: /SELECT on main\.default\.hidden is missing/,
      },
      {
        name: 'division by zero',
        model: model('select id / (id - id) as x from users'),
        code: 'source_query_failed',
        says: /DIVIDE_BY_ZERO.*22012/,
      },
      { name: 'token', connection: { token: 'dapi-wrong' }, code: 'source_credentials', says: /403/ },
      { name: 'no token at all of ours', connection: { token: 'other' }, code: 'source_credentials' },
      {
        name: 'secret',
        connection: { ...principal, clientSecret: 'wrong-secret' },
        code: 'source_credentials',
        says: /token endpoint/,
      },
      {
        name: 'token revoked in the middle of a read',
        model: model(`select ${COLUMNS} from users`),
        provoke: once({ revokeInRead: 1, revoke: 0 }),
        code: 'source_token_expired',
        says: /403/,
      },
      { name: 'token with a line break', connection: { token: 'dapi-\nreader' }, code: 'source_credentials' },
      { name: 'warehouse', connection: { warehouse: 'nowhere' }, code: 'source_database_missing' },
      {
        name: 'permission for the warehouse',
        connection: { warehouse: 'forbidden' },
        code: 'source_permission',
        says: /CAN USE/,
      },
      { name: 'deleted warehouse', connection: { warehouse: 'deleted' }, code: 'source_suspended' },
      {
        name: 'warehouse that does not start',
        connection: { warehouse: 'stuck', statementTimeout: '500ms' },
        code: 'source_suspended',
        says: /STOPPED/,
      },
      {
        name: 'catalog',
        connection: { catalog: 'nowhere' },
        code: 'source_database_missing',
        says: /NO_SUCH_CATALOG/,
      },
      {
        name: 'schema',
        connection: { schema: 'nowhere' },
        code: 'source_database_missing',
        says: /SCHEMA_NOT_FOUND/,
      },
      { name: 'host', connection: { host: NOWHERE }, code: 'source_host_unknown' },
      { name: 'port', connection: { host: CLOSED_PORT }, code: 'source_unreachable' },
      { name: 'foreign host', connection: { host: 'example.com' }, code: 'source_endpoint_refused' },
      { name: 'TLS', connection: { host: server.tlsOrigin }, code: 'source_tls' },
      {
        name: 'timeout',
        connection: { statementTimeout: '1s' },
        model: model('select wait_a_second(id) as id from range(60)'),
        code: 'source_timeout',
      },
      { name: 'too many requests', provoke: once({ throttle: 50 }), code: 'source_busy', says: /429/ },
      { name: 'unavailable', provoke: once({ unavailable: 50 }), code: 'source_unreachable', says: /503/ },
      { name: 'gateway', provoke: once({ brokenSubmit: 50 }), code: 'source_unreachable', says: /502/ },
      {
        name: 'storage that refuses the worker',
        model: model(`select ${COLUMNS} from users`),
        provoke: once({ expireLink: 1_000 }),
        code: 'source_permission',
        says: /storage, HTTP 403/,
      },
      {
        name: 'link to another place than a cloud',
        model: model(`select ${COLUMNS} from users`),
        provoke: once({ foreignLink: 50 }),
        code: 'source_endpoint_refused',
        says: /10\.0\.0\.1/,
      },
      {
        name: 'result without its chunks',
        model: model(`select ${COLUMNS} from users`),
        provoke: once({ noChunks: 50 }),
        code: 'source_partial_result',
      },
      {
        name: 'truncated result',
        model: model('select id from users where id < 10'),
        // The statements before it: time zone, grants, and two that describe.
        provoke: once({ truncate: 50 }),
        code: 'source_result_too_large',
      },
    ],
    writes: [
      'delete from users',
      'drop table users',
      'select 1 as a; delete from users',
      'insert into users select * from users',
      'with gone as (select 1 as id) insert into users select * from users',
      "with `a (` as (select ') insert' as id), b as (select 1) delete from users",
      'from users insert into users select *',
      'merge into users using users as other on false when not matched then insert *',
      'create table other as select id from users',
      'select id from users) as model; drop table users; select * from (select 1',
      "execute immediate 'drop table users'",
      'begin drop table users; end',
      'set spark.sql.ansi.enabled = false',
      '/* select */ truncate table users',
      "select java_method('java.lang.System', 'exit', 1) as id",
      "select `reflect`('java.lang.System', 'exit', 1) as id",
      "select identifier('ref' || 'lect')('java.lang.System', 'exit', 1) as id",
      "select id from (select transform(id) using 'sh -c exit' as (id) from users)",
      "select ai_query('agent', email) as id from users",
      "select http_request(conn => 'c', method => 'POST', path => '/') as id",
    ].map(model),
    writer: { token: 'dapi-writer' },
    slow: model('select wait_a_second(id) as id from range(120)'),
    running: async () => (await server.control('state')).running,
    resumable: true,
    expireResults: async () => void (await server.control('expire')),
    breakConnections: () => server.faults({ breakDownload: 3 }),
    valueOf: async (expression) => model(`select ${expression} as value`),
    close: () => server.close(),
  };
}
