import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { checkConnection } from '../../definitions/check-connection.ts';
import { resolveConnection } from '../../definitions/references.ts';
import { BUCKET, CA, CLUSTER, KEYS, REGION, startRedshift } from '../../test/standins/redshift/redshift.ts';
import { startOrSkip } from '../../test/standins/start-or-skip.ts';
import { readPieces } from '../../test/support/read-pieces.ts';
import { until } from '../../test/support/until.ts';
import { MAX_VALUE_BYTES, type Place } from '../../vocabulary/spool.ts';
import type { Source } from '../source.ts';
import { openRedshift } from './open-redshift.ts';

const started = await startOrSkip('redshift', async () => {
  const redshift = await startRedshift();
  await redshift.database.query(`
    create table people (id bigint primary key, name varchar(40));
    insert into people select g, 'name ' || g from generate_series(1, 100) g;
    create table hidden (id int);
    create schema app;
    create table app.orders (id int);
    create schema broken;
    create function broken.has_table_privilege(text, text) returns boolean language plpgsql as $$
      begin raise exception 'relation "gone" does not exist' using errcode = '42P01'; end $$;
    grant usage on schema broken to ${redshift.reader};
    create function write_something() returns int language sql as $$ insert into people values (-1, 'x') returning 1 $$;
    grant select, insert on people to ${redshift.hostile};
    grant select on people to ${redshift.reader};
    grant usage on schema app to ${redshift.hostile};
    grant select on app.orders to ${redshift.hostile}`);
  return redshift;
});
const suite = started === null ? describe.skip : describe;
const redshift = () => {
  if (started === null) throw new Error('Redshift was not started');
  return started;
};
const opened: Source[] = [];

afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await started?.close();
});

const aws = { region: REGION, accessKeyId: KEYS.good, secretAccessKey: 'secret' };
const byDataApi = () => ({
  ...aws,
  read: 'data_api',
  clusterIdentifier: CLUSTER,
  dataApiEndpoint: redshift().dataApi.origin,
});
const byUnload = () => ({
  ...aws,
  read: 'unload',
  unloadTo: `s3://${BUCKET}/runs/`,
  unloadRole: 'arn:aws:iam::123456789012:role/unload',
  s3Endpoint: redshift().s3.origin,
});

function open(fields: Record<string, unknown> = {}, signal = new AbortController().signal): Source {
  const { allowed, name, passwordOf, proxy, reader } = redshift();
  const login = { user: reader, password: passwordOf(reader) };
  const written = {
    type: 'redshift',
    ...{ host: 'localhost', port: proxy.port, database: name, sslrootcert: CA },
    ...login,
    ...fields,
  };
  const present = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
  const { definition, findings } = checkConnection('warehouse', present);
  if (definition?.type !== 'redshift') throw new Error(JSON.stringify(findings));
  const source = openRedshift('warehouse', resolveConnection('warehouse', definition), {
    signal,
    allowedEndpoints: allowed,
  });
  opened.push(source);
  return source;
}

const modelOf = (sql: string) => ({ name: 'm', sql });
const options = (from: Place | null = null, id = 'run-1') => ({ maxValueBytes: MAX_VALUE_BYTES, id, from });

async function firstPlace(source: Source, sql: string, id = 'run-1'): Promise<Place> {
  const { pieces } = await source.read(modelOf(sql), ['id'], options(null, id));
  for await (const piece of pieces) if ('place' in piece) return piece.place;
  throw new Error('no place');
}

const running = async (): Promise<number> => {
  const [row] = await redshift().database.query(
    "select count(*)::int as running from pg_stat_activity where application_name = 'backhaul' and datname = current_database() and state = 'active'",
  );
  return Number(row?.running);
};

suite('redshift: a session', () => {
  it('that could not write even when a function would', async () => {
    const reading = open({ user: redshift().hostile, password: redshift().passwordOf(redshift().hostile) });
    const { pieces } = await reading.read(modelOf('select write_something() as id'), ['id'], options());
    await expect(readPieces(pieces)).rejects.toMatchObject({ code: 'not_a_select' });
    expect(await redshift().database.query('select count(*)::int as n from people')).toEqual([{ n: 100 }]);
  });

  it('says which statement grants what is missing', async () => {
    for (const fields of [{}, byDataApi()]) {
      await expect(open(fields).validate(modelOf('select id from hidden'))).rejects.toMatchObject({
        code: 'source_permission',
        action: expect.stringContaining('grant select on hidden'),
      });
      await expect(open(fields).validate(modelOf('select id from app.orders'))).rejects.toMatchObject({
        code: 'source_permission',
        action: expect.stringContaining('grant usage on schema app'),
      });
    }
  });

  it('fails at a row without the value of the row', async () => {
    const sql = "select (name || 'planted-value')::int as id from people";
    for (const fields of [{}, byDataApi(), byUnload()]) {
      const { pieces } = await open(fields).read(modelOf(sql), ['id'], options());
      const failing = readPieces(pieces);
      await expect(failing).rejects.toMatchObject({ code: 'source_query_failed' });
      await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('planted-value') });
    }
  });

  it('looks for tables in searchPath', async () => {
    const { hostile, passwordOf } = redshift();
    for (const fields of [{}, byDataApi()]) {
      const login = { user: hostile, password: passwordOf(hostile) };
      const source = open({ ...fields, ...login, searchPath: 'app, "public"' });
      expect(await source.describe(modelOf('select id from orders'))).toHaveLength(1);
    }
  });

  it('may be named by a URL', async () => {
    const { name, passwordOf, proxy, reader } = redshift();
    const url = `redshift://${reader}:${passwordOf(reader)}@localhost:${proxy.port}/${name}`;
    const none = {
      host: undefined,
      port: undefined,
      database: undefined,
      user: undefined,
      password: undefined,
    };
    const source = open({ ...none, url });
    expect(await source.validate(null)).toEqual({ warnings: [] });
  });

  it('gets the password of AWS at the host of its URL only, whatever else the URL says', async () => {
    const { credentials, name, proxy } = redshift();
    const none = {
      host: undefined,
      port: undefined,
      database: undefined,
      user: undefined,
      password: undefined,
    };
    const iam = {
      ...{ ...none, ...aws, auth: 'iam', clusterIdentifier: CLUSTER },
      redshiftEndpoint: credentials.origin,
    };
    const url = `redshift://reader@localhost:${proxy.port}/${name}?host=elsewhere.invalid&port=1`;
    expect(await open({ ...iam, url }).validate(null)).toMatchObject({ warnings: [] });
    const elsewhere = open({ ...iam, url: url.replace('localhost', '127.0.0.1') });
    await expect(elsewhere.validate(null)).rejects.toMatchObject({ code: 'source_endpoint_refused' });
  });

  it('writes an interval as ever, whatever its user has set', async () => {
    const { hostile, passwordOf } = redshift();
    for (const fields of [{}, byDataApi()]) {
      const source = open({ ...fields, user: hostile, password: passwordOf(hostile) });
      const sql = "select '1 day 02:03:04'::interval as id";
      expect((await source.preview(modelOf(sql), 1)).rows).toEqual([['1 day 02:03:04']]);
    }
  });

  it('looks again when a table goes while it asks for privileges', async () => {
    for (const fields of [{}, byDataApi()]) {
      const source = open({ ...fields, searchPath: 'broken, pg_catalog' });
      await expect(source.validate(null)).rejects.toMatchObject({ code: 'source_changed' });
    }
  });

  it('that is cancelled before it is there is ended', async () => {
    for (const fields of [{}, byDataApi(), byUnload()]) {
      const stopping = new AbortController();
      const source = open(fields, stopping.signal);
      const ended = expect(source.describe(modelOf('select 1 as id'))).rejects.toMatchObject({
        code: 'run_cancelled',
      });
      stopping.abort();
      await ended;
      await source.close();
      await until(async () => (await running()) === 0);
    }
  });

  it('cannot hand out a sketch', async () => {
    await expect(open().describe(modelOf("select 'x'::hllsketch as id"))).rejects.toMatchObject({
      code: 'source_value_unsupported',
      where: expect.stringContaining('hllsketch'),
    });
  });
});

suite('redshift: its page', () => {
  const page = readFileSync(new URL('../../docs/sources/redshift.md', import.meta.url), 'utf8');
  const block = (language: string): string => page.split(`\`\`\`${language}\n`)[1]?.split('```')[0] ?? '';

  it('grants what a reader needs, and no more', async () => {
    const user = `reader_${randomBytes(6).toString('hex')}`;
    const { database } = redshift();
    await database.query(block('sql').replaceAll('backhaul_reader', user));
    try {
      const source = open({ user, password: 'Change-me-1' });
      expect(await source.validate(modelOf('select id from app.orders'))).toEqual({ warnings: [] });
    } finally {
      await database.query(`drop owned by ${user}; drop role ${user}`);
    }
  });

  it('has a policy that is JSON', () => {
    expect(JSON.parse(block('json'))).toMatchObject({ Version: '2012-10-17' });
  });
});

suite('redshift: the Data API', () => {
  it('runs the query of a read once, whatever attempts there are', async () => {
    redshift().dataApi.forget();
    const sql = 'select id from people';
    const one = await firstPlace(open(byDataApi()), sql);
    const before = redshift().dataApi.states().length;
    const other = await firstPlace(open(byDataApi()), sql);
    expect(other).toEqual(one);
    // The second attempt has asked for the columns, and that is all.
    expect(redshift().dataApi.states()).toHaveLength(before + 1);
    expect(await firstPlace(open(byDataApi()), sql, 'run-2')).not.toEqual(one);
    expect(await firstPlace(open(byDataApi()), 'select id + 1 as id from people')).not.toEqual(one);
  });

  it('runs it anew when the statement of an earlier attempt was cancelled', async () => {
    const sql = 'select id, pg_sleep(20) as pause from people where id = 1';
    const place = await firstPlace(open(byDataApi()), sql);
    await until(async () => (await running()) > 0);
    await open(byDataApi()).release?.(place);
    await until(async () => (await running()) === 0);
    const again = await firstPlace(open(byDataApi()), sql);
    expect(again).not.toEqual(place);
    await open(byDataApi()).release?.(again);
  });

  it('lets nothing go on that was cancelled while it was sent', async () => {
    redshift().dataApi.forget();
    const stopping = new AbortController();
    const source = open(byDataApi(), stopping.signal);
    const ended = source.preview(modelOf('select id, pg_sleep(20)::text as pause from people'), 1);
    await until(async () => redshift().dataApi.states().length === 2);
    stopping.abort();
    await expect(ended).rejects.toMatchObject({ code: 'run_cancelled' });
    await source.close();
    await until(async () => !/SUBMITTED|STARTED/.test(redshift().dataApi.states().join()));
  });

  it("fetches new keys when the worker's own run out", async () => {
    const own = { ...byDataApi(), accessKeyId: undefined, secretAccessKey: undefined };
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: KEYS.expired, AWS_SECRET_ACCESS_KEY: 'secret' });
    try {
      await expect(open(own).validate(null)).rejects.toMatchObject({
        code: 'source_token_expired',
        entry: { retryable: true },
      });
    } finally {
      process.env = before;
    }
  });
});

suite('redshift: UNLOAD', () => {
  const slow = 'select id, pg_sleep(0.03)::text as pause from people';

  /** A worker that dies while its UNLOAD runs. */
  async function abandoned(sql: string): Promise<Place> {
    const source = open(byUnload());
    const { pieces } = await source.read(modelOf(sql), ['id', 'pause'], options());
    const iterator = pieces[Symbol.asyncIterator]();
    const first = await iterator.next();
    const dying = iterator.next().catch(() => undefined);
    await until(async () => (await running()) > 0);
    await source.close();
    await dying;
    expect(await running()).toBe(1);
    if (first.done === true || !('place' in first.value)) throw new Error('no place');
    return first.value.place;
  }

  it('of a worker that died is ended before its files are removed', async () => {
    await redshift().s3.empty();
    const place = await abandoned('select id, pg_sleep(60)::text as pause from people');
    await open(byUnload()).release?.(place);
    expect(await running()).toBe(0);
    expect(await redshift().s3.keys()).toEqual([]);
  });

  it('of a worker that died is ended by the one that takes over, and the result is one', async () => {
    const place = await abandoned(slow);
    const source = open(byUnload());
    const { pieces } = await source.read(modelOf(slow), ['id', 'pause'], options(place));
    let most = 0;
    let last: Place = {};
    let lines = '';
    for await (const piece of pieces) {
      most = Math.max(most, await running());
      if ('place' in piece) last = piece.place;
      else lines += piece.toString();
    }
    expect(most).toBe(0);
    expect(lines.split('\n').slice(0, -1).sort()).toEqual(
      Array.from({ length: 100 }, (_, index) => `${index + 1}\t`).sort(),
    );
    expect(last.folder).not.toBe(place.folder);
    await source.release?.(last);
    expect(await redshift().s3.keys()).toEqual([]);
  });

  it('that failed leaves nothing when it is released', async () => {
    const source = open({ ...byUnload(), statementTimeout: '3s' });
    const { pieces } = await source.read(
      modelOf('select id, pg_sleep(9)::text as pause from people'),
      ['id'],
      options(),
    );
    let place: Place = {};
    const failing = (async () => {
      for await (const piece of pieces) if ('place' in piece) place = piece.place;
    })();
    await expect(failing).rejects.toMatchObject({ code: 'source_timeout' });
    expect(await redshift().s3.keys()).not.toEqual([]);
    await source.release?.(place);
    expect(await redshift().s3.keys()).toEqual([]);
  });

  it('gives its files back', async () => {
    const source = open(byUnload());
    const { pieces } = await source.read(modelOf('select id from people'), ['id'], options());
    const places: Place[] = [];
    for await (const piece of pieces) if ('place' in piece) places.push(piece.place);
    expect((await redshift().s3.keys()).length).toBeGreaterThan(1);
    const last = places.at(-1) ?? {};
    await source.release?.(last);
    expect(await redshift().s3.keys()).toEqual([]);
    await source.release?.(last);
  });

  it('deletes nothing that is not below unloadTo', async () => {
    await redshift().s3.put('other/file');
    for (const folder of [`s3://${BUCKET}/other/`, `s3://${BUCKET}/runs`, `s3://${BUCKET}/runs-other/`]) {
      await open(byUnload()).release?.({ folder, files: 0 });
    }
    expect(await redshift().s3.keys()).toEqual(['other/file']);
    await redshift().s3.empty();
  });

  it('says that the bucket is not there, also when Redshift says so', async () => {
    const source = open({ ...byUnload(), unloadTo: 's3://not-there/runs' });
    const { pieces } = await source.read(modelOf('select id from people'), ['id'], options());
    await expect(readPieces(pieces)).rejects.toMatchObject({
      code: 'source_database_missing',
      action: expect.stringContaining('unloadTo'),
    });
  });
});

describe('redshift: a definition', () => {
  const base = { type: 'redshift', host: 'h', database: 'd', user: 'u', password: '${P}' };
  const faults = (fields: Record<string, unknown>): string[] =>
    checkConnection('warehouse', { ...base, ...fields }).findings.map(({ path }) => path.join('.'));

  it.each<[Record<string, unknown>, string[]]>([
    [{}, []],
    [{ read: 'unload' }, ['unloadTo', 'unloadRole']],
    [{ read: 'data_api' }, ['clusterIdentifier']],
    [{ read: 'data_api', workgroup: 'w' }, []],
    [{ auth: 'iam' }, ['clusterIdentifier']],
    [{ region: 'evil.example.com/#' }, ['region']],
    [{ region: '${REGION}' }, []],
    [{ unloadTo: "s3://b/p' iam_role" }, ['unloadTo']],
    [{ unloadRole: "x'" }, ['unloadRole']],
    [{ unloadRole: 'default' }, []],
    [{ url: 'mysql://u@h/d', host: 'h' }, ['host', 'database', 'user', 'password', 'url']],
  ])('%j has faults in %j', (fields, paths) => {
    expect(faults(fields)).toEqual(expect.arrayContaining(paths));
    expect(faults(fields)).toHaveLength(paths.length);
  });
});
