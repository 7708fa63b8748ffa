import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { spoolLine } from '../../sources/spool-line.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import { startMariadb, type MariadbServer } from '../standins/mysql/mariadb-server.ts';
import { STANDARD_COLUMNS, STANDARD_KINDS, canonicalText, standardRows } from './standard-rows.ts';
import type { Service } from './subject.ts';

const COLUMNS = STANDARD_COLUMNS.join(', ');
/** All that would change the text of a value, or how many rows there are, were it not pinned. */
const HOSTILE: Readonly<Record<string, string | number>> = {
  time_zone: "'+05:30'",
  sql_mode: "'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH'",
  character_set_client: "'latin1'",
  character_set_connection: "'latin1'",
  character_set_results: "'latin1'",
  sql_select_limit: 10,
  sql_auto_is_null: 1,
  div_precision_increment: 0,
  group_concat_max_len: 4,
  lc_messages: "'de_DE'",
  lc_time_names: "'de_DE'",
  default_week_format: 3,
  tx_isolation: "'READ-UNCOMMITTED'",
};
const READERS = ['reader', 'hostile'];
const passwordOf = (user: string): string => `secret-of-${user}`;

/** The real MariaDB that Debian packages. */
export async function startMysql(): Promise<Service> {
  const server = await startMariadb();
  const { admin, port } = server;
  await load(server);
  for (const user of [...READERS, 'writer']) {
    await admin.query(`create user ${user} identified by '${passwordOf(user)}'`);
    await admin.query(`grant select on app.users to ${user}`);
    await admin.query(`grant select on samples.* to ${user}`);
  }
  await admin.query('grant insert on app.users to writer');
  await admin.query('create user elsewhere identified by "secret-of-elsewhere"');
  await makeHostile(server);

  const as = (user: string, database = 'app', host = '127.0.0.1'): { url: string } => ({
    url: `mysql://${user}:${passwordOf(user)}@${host}:${port}/${database}`,
  });
  const model = (sql: string) => ({ name: 'users', sql });
  const ours = `user in (${READERS.map((user) => `'${user}'`).join(', ')}) and command <> 'Sleep'`;
  const processes = async (): Promise<{ id: number }[]> => {
    const [rows] = await admin.query(`select id from information_schema.processlist where ${ours}`);
    return rows as { id: number }[];
  };
  let samples = 0;
  return {
    connection: { type: 'mysql', ...as('reader') },
    allowedEndpoints: [],
    kinds: STANDARD_KINDS,
    models: {
      rows: model(`select ${COLUMNS} from users`),
      one: model(`select ${COLUMNS} from users where id = 1`),
      empty: model(`select ${COLUMNS} from users where id < 0`),
      twice: model('select id, email as id from users'),
    },
    paths: { 'by TLS': { ...as('reader', 'app', 'localhost'), sslmode: 'required' } },
    hostile: as('hostile'),
    faults: [
      {
        name: 'syntax',
        model: model('select id\nfrom users\nwhere'),
        code: 'source_syntax',
        says: /line 3, column 6/,
      },
      {
        name: 'syntax in the middle',
        model: model("select id\nfrom users whre id = 'secret'"),
        code: 'source_syntax',
        says: /^(?!.*secret).*line 2, column 17/,
      },
      {
        name: 'table',
        model: model('select 1 from nowhere'),
        code: 'source_permission',
        says: /grant select on `app`\.`nowhere` to 'reader'@'%'/,
      },
      {
        name: 'table, for whom it is not a secret',
        model: model('select 1 from samples.nowhere'),
        code: 'source_table_missing',
        says: /"samples\.nowhere", error 1146/,
      },
      {
        name: 'column',
        model: model('select nothing from users'),
        code: 'source_column_missing',
        says: /"nothing"/,
      },
      {
        name: 'permission',
        model: model('select id from hidden'),
        code: 'source_permission',
        says: /grant select on `app`\.`hidden` to 'reader'@'%'/,
      },
      {
        name: 'password',
        connection: { url: as('reader').url.replace('secret-of', 'wrong') },
        code: 'source_credentials',
      },
      {
        name: 'database',
        connection: { url: `mysql://root@127.0.0.1:${port}/nowhere` },
        code: 'source_database_missing',
      },
      {
        name: 'database that the user may not enter',
        connection: as('elsewhere'),
        code: 'source_permission',
        says: /grant select on `app`\.\*/,
      },
      { name: 'host', connection: { url: 'mysql://a@nowhere.invalid/b' }, code: 'source_host_unknown' },
      { name: 'port', connection: { url: 'mysql://a@127.0.0.1:1/b' }, code: 'source_unreachable' },
      {
        name: 'TLS',
        connection: { ...as('reader', 'app', 'localhost'), sslmode: 'verify_identity' },
        code: 'source_tls',
      },
      {
        name: 'timeout',
        connection: { statementTimeout: '300ms' },
        model: model('select sleep(30) as id'),
        code: 'source_timeout',
      },
      {
        name: 'no room',
        connection: as('reader'),
        code: 'source_busy',
        provoke: async () => {
          const [was] = await admin.query("show global variables like 'max_connections'");
          await admin.query('set global max_connections = 10');
          const others = await takeAllRoom(port);
          return async () => {
            for (const other of others) await other.end();
            await admin.query(`set global max_connections = ${(was as { Value: string }[])[0]?.Value}`);
          };
        },
      },
    ],
    writes: [
      'delete from users',
      'drop table users',
      'select 1 as a; delete from users',
      'with gone as (select 1 as a) delete from users where id in (select a from gone)',
      "select id from users into outfile '/tmp/users.txt'",
      "select note from users into dumpfile '/tmp/users.txt'",
      'select id into @id from users limit 1',
      'select id from users for update',
      'select id from users lock in share mode',
      'select 1 as a /*! ; delete from users */',
      'select 1 as a /*M! into @a */',
      'select next value for samples.numbers as id',
      'select nextval(samples.numbers) as id',
      "select `get_lock` /* here */ ('a', 1) as a",
      "select load_file('/etc/passwd') as a",
      'set statement max_statement_time = 0 for select 1 as a',
      'call samples.wipe()',
      'insert into users (id) values (1) returning id',
    ].map(model),
    writer: as('writer'),
    slow: model('select sleep(60) as id'),
    running: async () => (await processes()).length,
    resumable: false,
    expireResults: null,
    breakConnections: async () => {
      for (const { id } of await processes()) await admin.query(`kill ${id}`).catch(() => undefined);
    },
    valueOf: async (column) => {
      samples += 1;
      await admin.query(`create table samples.sample_${samples} (value ${column})`);
      await admin.query(`insert into samples.sample_${samples} () values ()`);
      return model(`select value from samples.sample_${samples}`);
    },
    close: () => server.stop(),
  };
}

/** Sessions until the server refuses one, and does so still when those that were about to end have ended. */
async function takeAllRoom(port: number): Promise<mysql.Connection[]> {
  const taken: mysql.Connection[] = [];
  for (let refusals = 0; refusals < 3;) {
    try {
      const user = { user: 'writer', password: passwordOf('writer') };
      taken.push(await mysql.createConnection({ host: '127.0.0.1', port, ...user }));
    } catch {
      refusals += 1;
      await sleep(100);
    }
  }
  return taken;
}

async function load({ admin }: MariadbServer): Promise<void> {
  await admin.query("set sql_mode = ''");
  await admin.query("set time_zone = '+00:00'");
  await admin.query('create database app character set utf8mb4');
  await admin.query('create database samples character set utf8mb4');
  await admin.query(`create table app.users (
    id bigint primary key, email varchar(200) not null, logins int, score decimal(12, 2), ratio double,
    active boolean, seen_at timestamp(6) null, born date, note text)`);
  await admin.query('create table app.hidden (id int)');
  await admin.query('create sequence samples.numbers');
  await admin.query('create procedure samples.wipe() delete from app.users');
  await admin.query({
    // LOAD DATA reads what the spool is made of, but for the truth of booleans.
    sql: `load data local infile 'rows' into table app.users character set utf8mb4 (${COLUMNS.replace('active', '@active')})
          set active = case @active when 't' then 1 when 'f' then 0 end`,
    infileStreamFactory: () => Readable.from(lines()),
  });
}

/** Defaults of one user, as there are none in MariaDB: what every session of a user without SUPER begins with. */
async function makeHostile({ admin }: MariadbServer): Promise<void> {
  const settings = Object.entries(HOSTILE).map(
    ([name, value]) => `${name} = if(current_user() like 'hostile@%', ${value}, @@${name})`,
  );
  await admin.query('set global init_connect = ?', [`set ${settings.join(', ')}`]);
}

function* lines(): Generator<Buffer> {
  for (const row of standardRows()) {
    const line = spoolLine(
      STANDARD_COLUMNS.map((column) => canonicalText(column, row, STANDARD_KINDS[column])),
      MAX_VALUE_BYTES,
    );
    yield Buffer.from(line);
  }
}
