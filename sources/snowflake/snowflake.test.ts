import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConnectionDefinition } from '../../definitions/connection.ts';
import { resolveConnection } from '../../definitions/references.ts';
import { startSnowflakeStandin, type SnowflakeStandin } from '../../test/standins/snowflake/start.ts';
import { startOrSkip } from '../../test/standins/start-or-skip.ts';
import { until } from '../../test/support/until.ts';
import { MAX_VALUE_BYTES, type Place } from '../../vocabulary/spool.ts';
import { ROWS } from '../../test/conformance/standard-rows.ts';
import type { Source } from '../source.ts';
import { openSnowflake } from './open-snowflake.ts';
import { openSession } from './session.ts';

const started = await startOrSkip('snowflake', () =>
  startSnowflakeStandin({ reader: { password: 'password-of-reader', token: 'first-token' } }),
);
const suite = started === null ? describe.skip : describe;
const standin = started as SnowflakeStandin;
const opened: Source[] = [];
const model = { name: 'users', sql: 'select "id", "email" from users' };

const resolved = (fields: object) =>
  resolveConnection('warehouse', { type: 'snowflake', ...fields } as Extract<
    ConnectionDefinition,
    { type: 'snowflake' }
  >);

function open(
  fields: object = { password: 'password-of-reader' },
  signal = new AbortController().signal,
): Source {
  const connection = resolved({
    account: 'myorg-myaccount',
    user: 'reader',
    warehouse: 'WH',
    database: 'DB1',
    schema: 'S1',
    role: 'READER',
    accessUrl: standin.url,
    statementTimeout: '1h',
    ...fields,
  });
  const source = openSnowflake('warehouse', connection, { signal, allowedEndpoints: [standin.url] });
  opened.push(source);
  return source;
}

/** Reads all rows, and does something after some pieces. */
async function idsOf(
  source: Source,
  between: () => Promise<void>,
  from: Place | null = null,
): Promise<Set<string>> {
  const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from };
  const { pieces } = await source.read(model, ['id'], options);
  const ids = new Set<string>();
  let count = 0;
  for await (const piece of pieces) {
    if ('place' in piece) continue;
    for (const id of piece.toString('utf8').split('\n').slice(0, -1)) ids.add(id);
    count += 1;
    if (count === 3) await between();
  }
  return ids;
}

suite('snowflake: a read', () => {
  beforeAll(() => until(async () => (await standin.state()).running === 0));
  afterAll(async () => {
    await Promise.all(opened.map((source) => source.close()));
    await standin.stop();
  });

  it.each([
    ['the token of the session ran out', 'expire-sessions'],
    ['the session is gone', 'forget-sessions'],
    ['the addresses of its chunks ran out', 'expire-urls'],
  ])('goes on when %s', async (_, what) => {
    const source = open();
    const { pieces } = await source.read(model, ['id'], {
      maxValueBytes: MAX_VALUE_BYTES,
      id: 'x',
      from: null,
    });
    let place: Place | null = null;
    for await (const piece of pieces) {
      if ('place' in piece) place = piece.place;
      else break;
    }
    await standin.provoke(what);
    const whole = await idsOf(
      source,
      async () => {
        await standin.provoke(what);
        await standin.provoke('expire-urls');
      },
      place,
    );
    expect(whole.size).toBe(ROWS);
  });

  it('says that the token of the connection ran out, and may be tried again', async () => {
    const source = open({ oauthToken: 'first-token' });
    const reading = idsOf(source, async () => {
      await standin.provoke('token', { user: 'reader', token: 'second-token' });
      await standin.provoke('forget-sessions');
      await standin.provoke('expire-urls');
    });
    await expect(reading).rejects.toMatchObject({ code: 'source_token_expired', entry: { retryable: true } });
    expect((await idsOf(open({ oauthToken: 'second-token' }), async () => undefined)).size).toBe(ROWS);
  });

  it('may log in by a programmatic access token', async () => {
    await standin.provoke('token', { user: 'reader', token: 'access-token' });
    expect(await open({ accessToken: 'access-token' }).validate(model)).toEqual({ warnings: [] });
  });

  it('that is cancelled while the query is being started leaves none running', async () => {
    const stopping = new AbortController();
    const source = open(undefined, stopping.signal);
    const slow = { name: 'slow', sql: 'select system$wait(60) as a' };
    await source.describe(slow);
    const preview = source.preview(slow, 1);
    setTimeout(() => stopping.abort(), 1);
    await expect(preview).rejects.toMatchObject({ code: 'run_cancelled' });
    await source.close();
    await until(async () => (await standin.state()).running === 0);
  });

  it('that is cancelled when its session has run out leaves none running', async () => {
    const stopping = new AbortController();
    const source = open(undefined, stopping.signal);
    const preview = source.preview({ name: 'slow', sql: 'select system$wait(60) as a' }, 1);
    preview.catch(() => undefined);
    await until(async () => (await standin.state()).running > 0);
    await standin.provoke('forget-sessions');
    stopping.abort();
    await expect(preview).rejects.toMatchObject({ code: 'run_cancelled' });
    await source.close();
    expect((await standin.state()).running).toBe(0);
  });

  it('waits for a query that outlives more than one session token', async () => {
    const preview = open().preview({ name: 'slow', sql: 'select system$wait(12) as "a"' }, 1);
    for (const ms of [1000, 5000]) {
      await sleep(ms);
      await standin.provoke('expire-sessions');
    }
    expect((await preview).rows).toEqual([['waited 12 seconds']]);
  });

  it('runs a query again that failed for what may pass by itself', async () => {
    const quick = { name: 'quick', sql: 'select "id" from users where "id" = 77' };
    const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'x', from: null };
    await standin.provoke('warehouse', { state: 'EXHAUSTED', auto_resume: 'true' });
    const places: Place[] = [];
    const first = async () => {
      const { pieces } = await open().read(quick, ['id'], options);
      for await (const piece of pieces) if ('place' in piece) places.push(piece.place);
    };
    await expect(first()).rejects.toMatchObject({ code: 'source_quota', entry: { retryable: true } });
    await standin.provoke('warehouse', { state: 'STARTED', auto_resume: 'true' });
    const second = open().read(quick, ['id'], { ...options, from: places[0] ?? null });
    await expect(second).rejects.toMatchObject({ code: 'source_result_expired' });
  });

  it.each([
    ['in another format', 'arrow', 'internal'],
    ['with less rows than it says', 'withhold', 'source_partial_result'],
  ])('takes no result %s', async (_, state, code) => {
    await standin.provoke(state, { on: true });
    const reading = idsOf(open(), async () => undefined);
    await expect(reading.finally(() => standin.provoke(state, { on: false }))).rejects.toMatchObject({
      code,
    });
  });

  it('gives up a server that does not answer', async () => {
    const fields = { account: 'a-b', user: 'reader', password: 'password-of-reader', warehouse: 'WH' };
    const connection = resolved({ ...fields, accessUrl: standin.url, statementTimeout: '1h' });
    const session = await openSession('warehouse', connection, standin.url, 3000);
    await standin.provoke('busy', { on: true });
    const described = session.describe('select 1 as a').finally(() => standin.provoke('busy', { on: false }));
    await expect(described).rejects.toMatchObject({ code: 'source_unreachable' });
    await session.end(false);
  }, 60_000);

  it('that ends while its query runs lets it run on, for the worker that takes over', async () => {
    const source = open();
    const slow = { name: 'slow', sql: 'select system$wait(4) as "a"' };
    const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'x', from: null };
    let place: Place | null = null;
    for await (const piece of (await source.read(slow, ['a'], options)).pieces) {
      if ('place' in piece) place = piece.place;
      break;
    }
    await source.close();
    expect(await standin.state()).toMatchObject({ running: 1, tags: ['backhaul'] });
    const { pieces } = await open().read(slow, ['a'], { ...options, from: place });
    const texts: string[] = [];
    for await (const piece of pieces) if (!('place' in piece)) texts.push(piece.toString('utf8'));
    expect(texts).toEqual(['waited 4 seconds\n']);
  });

  it('finds a warehouse with an underscore in its name', async () => {
    const source = open({ password: 'password-of-reader', warehouse: 'LOAD_WH' });
    expect(await source.validate(null)).toEqual({ warnings: [] });
  });

  it('does without a parameter that the account does not have', async () => {
    await standin.provoke('unknown-parameter', { name: 'GEOMETRY_OUTPUT_FORMAT' });
    const source = open({ password: 'password-of-reader', queryTag: "it's" });
    expect(await source.validate(model)).toEqual({ warnings: [] });
    const preview = source.preview({ name: 'slow', sql: 'select system$wait(2) as a' }, 1);
    await until(async () => (await standin.state()).running > 0);
    expect((await standin.state()).tags).toEqual(["it's"]);
    await preview;
    await standin.provoke('known-parameter', { name: 'GEOMETRY_OUTPUT_FORMAT' });
  });

  it.each([
    [
      'a database role could write',
      'MEMBER',
      [expect.stringMatching(/could write.*DB1\.EDITORS has DELETE/)],
    ],
    ['the grants of a role are not to be seen', 'GUEST', []],
  ])('is checked though %s', async (_, role, warnings) => {
    expect(await open({ password: 'password-of-reader', role }).validate(null)).toEqual({ warnings });
  });

  it('writes nothing into the home folder or the working folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'backhaul-home-'));
    const script = `
      const { openSnowflake } = await import(${JSON.stringify(join(import.meta.dirname, '../../dist/sources/snowflake/open-snowflake.js'))});
      const connection = { type: 'snowflake', account: 'a-b', user: 'reader', password: 'password-of-reader', warehouse: 'WH', database: 'DB1', schema: 'S1', role: 'READER', statementTimeout: '1h', accessUrl: ${JSON.stringify(standin.url)} };
      const source = openSnowflake('w', connection, { signal: new AbortController().signal, allowedEndpoints: [${JSON.stringify(standin.url)}] });
      await source.validate({ name: 'm', sql: 'select 1 as a' });
      await source.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (text) => (said += String(text)));
    child.stderr.on('data', (text) => (said += String(text)));
    const [code] = (await once(child, 'close')) as [number];
    expect([code, said, await readdir(folder)]).toEqual([0, '', []]);
    await rm(folder, { recursive: true });
  });
});
