import type { DuckDBConnection } from '@duckdb/node-api';
import { startRockset } from '../standins/rockset/rockset-server.ts';
import { STANDARD_COLUMNS, STANDARD_KINDS, canonicalText, standardRows } from './standard-rows.ts';
import type { Service } from './subject.ts';

const KINDS: Service['kinds'] = { ...STANDARD_KINDS, score: 'float' };
const SLOW = 'select count(*) as id from range(1000000) a, range(1000000) b';
const COLUMNS = STANDARD_COLUMNS.join(', ');

/** A stand-in: the service of that name closed on 30 September 2024. */
export async function startRocksetService(): Promise<Service> {
  const server = await startRockset({ 'key-of-reader': true, 'key-of-nobody': false }, load);
  const connection = { type: 'rockset', host: server.url, apiKey: 'key-of-reader' };
  const model = (sql: string) => ({ name: 'users', sql });
  return {
    connection,
    allowedEndpoints: [],
    kinds: KINDS,
    models: {
      rows: model(`select ${COLUMNS} from users`),
      one: model(`select ${COLUMNS} from users where id = 1`),
      empty: model(`select ${COLUMNS} from users where id < 0`),
      twice: model('select id, email as id from users'),
    },
    paths: {},
    hostile: null,
    faults: [
      {
        name: 'syntax',
        model: model('select id\nfrom users\nwhere id = = 1'),
        code: 'source_syntax',
        says: /line 3, column 12/,
      },
      { name: 'table', model: model('select 1 from nowhere'), code: 'source_table_missing' },
      { name: 'column', model: model('select nothing from users'), code: 'source_query_failed' },
      { name: 'key', connection: { apiKey: 'key-of-stranger' }, code: 'source_credentials' },
      { name: 'permission', connection: { apiKey: 'key-of-nobody' }, code: 'source_permission' },
      { name: 'host', connection: { host: 'https://nowhere.invalid' }, code: 'source_host_unknown' },
      { name: 'port', connection: { host: 'http://127.0.0.1:1' }, code: 'source_unreachable' },
      {
        name: 'TLS',
        connection: { host: server.url.replace('http:', 'https:') },
        code: 'source_tls',
      },
      {
        name: 'timeout',
        connection: { statementTimeout: '300ms' },
        model: model(SLOW),
        code: 'source_timeout',
      },
      {
        name: 'quota',
        code: 'source_quota',
        provoke: async () => {
          server.throttle(true);
          return async () => server.throttle(false);
        },
      },
    ],
    writes: [
      'insert into other select id from users',
      'delete from users',
      'drop table users',
      'update users set id = 1',
      'select 1 as a; delete from users',
      'with gone as (select 1) insert into users (id) select 1',
      '/* select */ delete from users',
    ].map(model),
    writer: null,
    slow: model(SLOW),
    running: async () => server.running(),
    resumable: true,
    expireResults: async () => server.expire(),
    breakConnections: async () => server.breakOnce(),
    valueOf: async (expression) => model(`select ${expression} as value`),
    close: () => server.close(),
  };
}

async function load(connection: DuckDBConnection): Promise<void> {
  await connection.run(`create table users (id bigint, email varchar, logins integer, score double,
    ratio double, active boolean, seen_at timestamp, born date, note varchar)`);
  await connection.run(
    `create table texts (${STANDARD_COLUMNS.map((name) => `${name} varchar`).join(', ')})`,
  );
  const appender = await connection.createAppender('texts');
  for (const row of standardRows()) {
    for (const column of STANDARD_COLUMNS) {
      const text = canonicalText(column, row, KINDS[column]);
      if (text === null) appender.appendNull();
      else appender.appendVarchar(text);
    }
    appender.endRow();
  }
  appender.closeSync();
  // DuckDB casts each text to the type of its column.
  await connection.run('insert into users select * from texts');
}
