import { afterAll, describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { startMariadb, tlsFixture } from '../../test/standins/mysql/mariadb-server.ts';
import { startOrSkip } from '../../test/standins/start-or-skip.ts';
import { readPieces } from '../../test/support/read-pieces.ts';
import { until } from '../../test/support/until.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import type { Source } from '../source.ts';
import { openMysql } from './open-mysql.ts';

const CA = tlsFixture('ca.pem');
const READING = { maxValueBytes: MAX_VALUE_BYTES, id: 'read', from: null };
const SLOW_TO_MAKE = 'select count(*) as n from seq_1_to_100000 a, seq_1_to_100000 b';

const started = await startOrSkip('mysql', async () => {
  const server = await startMariadb();
  const { admin } = server;
  await admin.query('create database app character set utf8mb4');
  await admin.query('use app');
  await admin.query('create table app.users (id bigint primary key, email varchar(100))');
  await admin.query("insert into app.users select seq, repeat('x', 100) from seq_1_to_200000");
  await admin.query('create table app.log (at int)');
  await admin.query(
    'create function app.note() returns int modifies sql data begin insert into app.log values (1); return 1; end',
  );
  await admin.query("create user reader identified by 'secret'");
  await admin.query('grant select, execute on app.* to reader');
  return server;
});
const suite = started === null ? describe.skip : describe;
const server = (): NonNullable<typeof started> => {
  if (started === null) throw new Error('it was not started');
  return started;
};
const opened: Source[] = [];

function open(fields: Record<string, string> = {}, signal = new AbortController().signal): Source {
  const connection = resolveConnection('warehouse', {
    type: 'mysql',
    host: '127.0.0.1',
    port: server().port,
    database: 'app',
    user: 'reader',
    password: 'secret',
    statementTimeout: '1h',
    ...fields,
  });
  const source = openMysql('warehouse', connection, { signal, allowedEndpoints: [] });
  opened.push(source);
  return source;
}

async function sessions(): Promise<number> {
  const [rows] = await server().admin.query(
    "select count(*) as n from information_schema.processlist where user = 'reader'",
  );
  return (rows as { n: number }[])[0]?.n ?? 0;
}
const none = (): Promise<true> => until(async () => (await sessions()) === 0);

async function valueOf(sql: string, source = open()): Promise<string | null | undefined> {
  return (await source.preview({ name: 'm', sql }, 1)).rows[0]?.[0];
}

suite('mysql: a session', () => {
  afterAll(async () => {
    await Promise.all(opened.map((source) => source.close()));
    await started?.stop();
  });

  it('has what shapes a value pinned, whatever the server says', async () => {
    const { admin } = server();
    const hostile = ["time_zone = '+05:30'", 'group_concat_max_len = 4', 'div_precision_increment = 0'];
    await admin.query(`set global init_connect = ?`, [`set ${hostile.join(', ')}, sql_select_limit = 1`]);
    try {
      expect(await valueOf("select group_concat('long text') as v")).toBe('long text');
      expect(await valueOf('select 1 / 3 as v')).toBe('0.3333');
      expect(await valueOf('select from_unixtime(0) as v')).toBe('1970-01-01 00:00:00');
      const { pieces } = await open().read({ name: 'm', sql: 'select id from users' }, ['id'], READING);
      expect((await readPieces(pieces)).split('\n')).toHaveLength(200_001);
    } finally {
      await admin.query("set global init_connect = ''");
    }
  });

  it('cannot write through a function either', async () => {
    await expect(valueOf('select note() as v')).rejects.toMatchObject({
      code: 'not_a_select',
      where: expect.stringContaining('1792'),
    });
  });

  it('sees one moment, and leaves no session behind', async () => {
    const { pieces } = await open().read(
      { name: 'm', sql: 'select count(*) as n from users' },
      ['n'],
      READING,
    );
    await server().admin.query("insert into app.users values (0, 'late')");
    expect(await readPieces(pieces)).toBe('200000\n');
    await server().admin.query('delete from app.users where id = 0');
    await none();
  });

  it('holds the server up while nobody reads', async () => {
    const big = { name: 'm', sql: `select a.id, b.email from users a, (select email from users limit 50) b` };
    const source = open();
    const { pieces } = await source.read(big, ['id', 'email'], READING);
    const before = process.memoryUsage().rss;
    for await (const piece of pieces) {
      expect(piece).toBeInstanceOf(Buffer);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
      break;
    }
    await source.close();
    await none();
  });

  it('does not run a model to describe it', async () => {
    const began = Date.now();
    const columns = await open().describe({
      name: 'm',
      sql: 'select sleep(20) as v, (select sleep(20)) as w',
    });
    expect(columns.map(({ name }) => name)).toEqual(['v', 'w']);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('ends at the server when its source is closed or stopped before the first row', async () => {
    const outcomes = { close: 'source_interrupted', abort: 'run_cancelled' };
    for (const [stop, outcome] of Object.entries(outcomes)) {
      const stopping = new AbortController();
      const source = open({}, stopping.signal);
      const { pieces } = await source.read({ name: 'm', sql: SLOW_TO_MAKE }, ['n'], READING);
      const ended = readPieces(pieces).catch((error: unknown) => (error as { code?: unknown }).code);
      await until(async () => (await sessions()) > 0);
      if (stop === 'abort') stopping.abort();
      await source.close();
      expect([stop, await ended]).toEqual([stop, outcome]);
      await none();
    }
    const stopped = new AbortController();
    stopped.abort();
    await expect(valueOf('select 1 as v', open({}, stopped.signal))).rejects.toMatchObject({
      code: 'run_cancelled',
    });
  });

  it('takes no question mark for a value', async () => {
    await expect(open().describe({ name: 'm', sql: 'select ? as v' })).rejects.toMatchObject({
      code: 'source_syntax',
    });
  });

  it.each([
    ['disabled', {}, 'localhost', 'plain'],
    ['preferred', {}, '127.0.0.1', 'encrypted'],
    ['required', {}, '127.0.0.1', 'encrypted'],
    ['verify_ca', { sslrootcert: CA }, '127.0.0.1', 'encrypted'],
    ['verify_ca', {}, 'localhost', 'source_tls'],
    ['verify_identity', { sslrootcert: CA }, 'localhost', 'encrypted'],
    ['verify_identity', { sslrootcert: CA }, '127.0.0.1', 'source_tls'],
    ['verify_identity', {}, 'localhost', 'source_tls'],
    ['verify_identity', { sslrootcert: '/no/such/file.pem' }, 'localhost', 'source_tls'],
  ])('by sslmode %s with %j to %s: %s', async (sslmode, fields, host, outcome) => {
    const cipher = valueOf(
      "select variable_value as v from information_schema.session_status where variable_name = 'Ssl_cipher'",
      open({ host, sslmode, ...fields }),
    );
    const found = await cipher.then(
      (value) => (value === '' ? 'plain' : 'encrypted'),
      (error: unknown) => (error as { code?: unknown }).code,
    );
    expect(found).toBe(outcome);
  });
});
