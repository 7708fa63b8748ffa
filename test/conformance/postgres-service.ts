import { randomBytes } from 'node:crypto';
import { freshDatabase } from '../support/postgres.ts';
import { loadStandardRows } from './postgres-rows.ts';
import { STANDARD_COLUMNS, STANDARD_KINDS } from './standard-rows.ts';
import type { Service } from './subject.ts';

const COLUMNS = STANDARD_COLUMNS.join(', ');
/** All that a user may set by default that would change the text of a value. */
const HOSTILE = [
  "timezone = 'Asia/Kolkata'",
  "datestyle = 'German, DMY'",
  "intervalstyle = 'sql_standard'",
  'extra_float_digits = -15',
  "bytea_output = 'escape'",
];

/** The real PostgreSQL of the test run. */
export async function startPostgres(): Promise<Service> {
  const database = await freshDatabase();
  await database.query(`
    create type mood as enum ('sad', 'ok');
    create type pair as (a int, b text);
    create domain positive as int check (value > 0)`);
  await loadStandardRows(database.url);
  const reader = `reader_${randomBytes(6).toString('hex')}`;
  const hostile = `hostile_${randomBytes(6).toString('hex')}`;
  for (const role of [reader, hostile]) {
    await database.query(`create role ${role} login password 'secret-of-${role}'`);
    await database.query(`grant select on users to ${role}`);
  }
  for (const setting of HOSTILE) await database.query(`alter role ${hostile} set ${setting}`);
  await database.query('create table hidden (id int)');
  const as = (role: string): { url: string } => ({
    url: Object.assign(new URL(database.url), { username: role, password: `secret-of-${role}` }).href,
  });
  const model = (sql: string) => ({ name: 'users', sql });
  const ours = `datname = current_database() and application_name = 'backhaul' and state <> 'idle'`;
  return {
    connection: { type: 'postgres', ...as(reader) },
    allowedEndpoints: [],
    kinds: STANDARD_KINDS,
    models: {
      rows: model(`select ${COLUMNS} from users`),
      one: model(`select ${COLUMNS} from users where id = 1`),
      empty: model(`select ${COLUMNS} from users where id < 0`),
      twice: model('select id, email as id from users'),
    },
    paths: {},
    hostile: as(hostile),
    faults: [
      {
        name: 'syntax',
        model: model('select id\nfrom users\nwhere'),
        code: 'source_syntax',
        says: /line 3, column 6/,
      },
      {
        name: 'table',
        model: model('select 1 from nowhere'),
        code: 'source_table_missing',
        says: /column 15/,
      },
      { name: 'column', model: model('select nothing from users'), code: 'source_column_missing' },
      { name: 'permission', model: model('select id from hidden'), code: 'source_permission' },
      {
        name: 'password',
        connection: { url: Object.assign(new URL(as(reader).url), { password: 'wrong-password' }).href },
        code: 'source_credentials',
      },
      {
        name: 'database',
        connection: { url: Object.assign(new URL(as(reader).url), { pathname: '/nowhere' }).href },
        code: 'source_database_missing',
      },
      { name: 'host', connection: { url: 'postgres://a@nowhere.invalid/b' }, code: 'source_host_unknown' },
      { name: 'port', connection: { url: 'postgres://a@127.0.0.1:1/b' }, code: 'source_unreachable' },
      {
        name: 'TLS',
        connection: { ...as(reader), sslmode: 'verify-full' },
        code: 'source_tls',
      },
      {
        name: 'timeout',
        connection: { statementTimeout: '300ms' },
        model: model('select pg_sleep(30)::text as id'),
        code: 'source_timeout',
      },
    ],
    writes: [
      'delete from users',
      'drop table users',
      'select 1 as a; delete from users',
      'with gone as (delete from users returning id) select id from gone',
      'select id into other from users',
      'select id from users for update',
      "select set_config('transaction_read_only', 'off', true)",
      'select pg_terminate_backend(id::int) from users',
      "select lo_import('/etc/hostname') as id",
      'copy users to stdout',
    ].map(model),
    writer: { url: database.url },
    slow: model('select pg_sleep(60)::text as id'),
    running: async () => {
      const [row] = await database.query(
        `select count(*)::int as running from pg_stat_activity where ${ours}`,
      );
      return Number(row?.running);
    },
    resumable: false,
    expireResults: null,
    breakConnections: async () => {
      await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${ours}`);
    },
    valueOf: async (expression) => model(`select ${expression} as value`),
    close: async () => {
      await database.query(`drop owned by ${reader}, ${hostile}`);
      await database.drop();
    },
  };
}
