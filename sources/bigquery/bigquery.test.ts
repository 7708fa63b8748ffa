import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { OAuth2Client } from 'google-auth-library';
import { checkConnection } from '../../definitions/check-connection.ts';
import { resolveConnection } from '../../definitions/references.ts';
import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { googleError } from '../../test/standins/bigquery/answers.ts';
import { startBreakable } from '../../test/standins/bigquery/breakable.ts';
import { PROJECT } from '../../test/standins/bigquery/local-bigquery.ts';
import { startBigQuery, type StandIn } from '../../test/standins/bigquery/stand-in.ts';
import { startOrSkip } from '../../test/standins/start-or-skip.ts';
import { documentedValues } from '../../test/conformance/values-page.ts';
import { until } from '../../test/support/until.ts';
import { readPieces } from '../../test/support/read-pieces.ts';
import { MAX_VALUE_BYTES, type Piece, type Place } from '../../vocabulary/spool.ts';
import type { Source } from '../source.ts';
import { failureOf } from './failure.ts';
import { openBigQuery } from './open-bigquery.ts';
import { openStorage } from './storage.ts';

const ROWS = 50_000;
const GIB = 1024n ** 3n;
const TIMEOUT_MS = 120_000;
const model = { name: 'users', sql: 'select id, note from app.users' };

const started = await startOrSkip('bigquery', startBigQuery);
const suite = started === null ? describe.skip : describe;
const standIn = (): StandIn => {
  if (started === null) throw new Error('it was not started');
  return started;
};
const reader = started?.account('reader');
await started?.run('create schema app');
await started?.run(
  `create table app.users as select id, concat('note ', cast(id as string)) as note from unnest(generate_array(1, ${ROWS})) as id`,
);

const opened: Source[] = [];
function connectionOf(written: object): ResolvedBigQueryConnection {
  const { definition } = checkConnection('warehouse', { type: 'bigquery', projectId: PROJECT, ...written });
  if (definition?.type !== 'bigquery') throw new Error('the connection is not sound');
  return resolveConnection('warehouse', definition);
}
function open(change: object = {}, signal = new AbortController().signal): Source {
  const { gate, storage } = standIn();
  const connection = connectionOf({
    credentials: reader?.keyFile,
    apiEndpoint: gate.address,
    storageEndpoint: storage,
    ...change,
  });
  const allowed = [connection.apiEndpoint, connection.storageEndpoint, connection.tokenUrl].flatMap((url) =>
    url === undefined ? [] : [new URL(url).origin],
  );
  const source = openBigQuery('warehouse', connection, { signal, allowedEndpoints: allowed });
  opened.push(source);
  return source;
}
const reading = (id: string, from: Place | null = null) => ({ maxValueBytes: MAX_VALUE_BYTES, id, from });
const read = async (source: Source, id: string, columns = ['id', 'note']): Promise<string> =>
  readPieces((await source.read(model, columns, reading(id))).pieces);
const linesOf = (text: string): number => text.split('\n').length - 1;
const jobsOf = async (id: string): Promise<string[]> =>
  (await standIn().jobs()).map((job) => job.id).filter((job) => job.startsWith(`backhaul-${id}-`));

const nothingRuns = (): Promise<true> =>
  until(async () => (await standIn().jobs()).every(({ state }) => state === 'DONE'), 10_000);

/** Reads, and does something once the first rows are there. */
async function readAnd(source: Source, id: string, then: () => void): Promise<number> {
  let lines = 0;
  let done = false;
  for await (const piece of (await source.read(model, ['id', 'note'], reading(id))).pieces) {
    if ('place' in piece) continue;
    lines += linesOf(piece.toString('utf8'));
    if (!done) then();
    done = true;
  }
  return lines;
}

afterEach(async () => {
  const { state } = standIn().gate;
  Object.assign(state, { answer: null, passing: null, bytes: 1n });
  await Promise.all(opened.splice(0).map((source) => source.close()));
});
afterAll(() => started?.close(), TIMEOUT_MS);

suite('bigquery: the credentials', () => {
  it(
    'may be exchanged at an endpoint that the operator allows',
    async () => {
      const { gate } = standIn();
      const source = open({ tokenUrl: `${gate.address}/token` });
      const asked = gate.requests.length;
      expect(linesOf(await read(source, 'exchanged'))).toBe(ROWS);
      expect(gate.requests.slice(asked)).toContain('POST /token');
    },
    TIMEOUT_MS,
  );

  it.each([{}, { tokenUrl: '/token' }])(
    'that run out in the middle of a read are renewed: %j',
    async (change) => {
      const { gate } = standIn();
      const tokenUrl = 'tokenUrl' in change ? { tokenUrl: `${gate.address}/token` } : {};
      const id = `renewed-${Object.keys(change).length}`;
      expect(await readAnd(open(tokenUrl), id, () => standIn().revokeTokens())).toBe(ROWS);
    },
    TIMEOUT_MS,
  );

  it(
    'that are taken back for good in the middle of a read end it, and it may be tried again',
    async () => {
      const { state } = standIn().gate;
      const refused = readAnd(open(), 'taken-back', () => {
        state.answer = googleError(401, 'authError', 'Invalid Credentials', 'UNAUTHENTICATED');
      });
      await expect(refused).rejects.toMatchObject({
        code: 'source_token_expired',
        entry: { retryable: true },
      });
    },
    TIMEOUT_MS,
  );

  it('never go to what an environment variable for emulators names', async () => {
    process.env.BIGQUERY_EMULATOR_HOST = 'http://127.0.0.1:1';
    try {
      expect(await open().validate(null)).toEqual({ warnings: [] });
    } finally {
      delete process.env.BIGQUERY_EMULATOR_HOST;
    }
  });
});

suite('bigquery: the addresses', () => {
  const openAt = (change: object) => () =>
    openBigQuery('warehouse', connectionOf(change), {
      signal: new AbortController().signal,
      allowedEndpoints: [],
    });

  it.each([
    { apiEndpoint: 'https://bigquery.europe-west3.rep.googleapis.com' },
    { storageEndpoint: 'https://bigquerystorage.europe-west3.rep.googleapis.com' },
  ])("of a region are Google's own: %j", (change) => expect(openAt(change)).not.toThrow());

  it.each([
    { apiEndpoint: 'https://bigquery.europe-west3.rep.googleapis.com.attacker.invalid' },
    { apiEndpoint: 'http://bigquery.googleapis.com' },
    { storageEndpoint: 'https://attacker.invalid' },
  ])('of others are refused: %j', (change) =>
    expect(openAt(change)).toThrow(expect.objectContaining({ code: 'source_endpoint_refused' })),
  );
});

suite('bigquery: a read and its job', () => {
  it(
    'who reads again finds the job, and it is not billed twice',
    async () => {
      await read(open(), 'again');
      await read(open(), 'again');
      expect(await jobsOf('again')).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  it(
    'a job whose result is gone has a successor',
    async () => {
      await read(open(), 'gone');
      await standIn().forgetResults();
      expect(linesOf(await read(open(), 'gone'))).toBe(ROWS);
      expect((await jobsOf('gone')).map((job) => job.at(-1)).sort()).toEqual(['1', '2']);
    },
    TIMEOUT_MS,
  );

  it(
    'a job that failed has a successor',
    async () => {
      const failing = { name: 'users', sql: 'select div(1, id - 1) as id from app.users' };
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        const { pieces } = await open().read(failing, ['id'], reading('failed'));
        await expect(readPieces(pieces)).rejects.toMatchObject({ code: 'source_query_failed' });
      }
      expect(await jobsOf('failed')).toHaveLength(2);
    },
    TIMEOUT_MS,
  );

  it(
    'a table that got another column has a job of its own, though the query is the same',
    async () => {
      const all = { name: 'users', sql: 'select * from app.growing' };
      await standIn().run('create table app.growing as select 1 as id');
      expect(await readPieces((await open().read(all, ['id'], reading('growing'))).pieces)).toBe('1\n');
      await standIn().run('alter table app.growing add column plan string');
      const { pieces } = await open().read(all, ['id', 'plan'], reading('growing'));
      expect(await readPieces(pieces)).toBe('1\t\\N\n');
    },
    TIMEOUT_MS,
  );

  it(
    'a page without rows that are there does not pass for the end',
    async () => {
      const schema = { fields: [{ name: 'id', type: 'INTEGER' }] };
      const answer = { status: 200, body: { jobComplete: true, schema, totalRows: String(ROWS) } };
      const { state } = standIn().gate;
      const early = (async () => {
        for await (const piece of (await open().read(model, ['id'], reading('early'))).pieces) {
          if ('place' in piece) state.passing = { answer, times: 1, only: /\/queries\// };
        }
      })();
      await expect(early).rejects.toMatchObject({
        code: 'source_partial_result',
        entry: { retryable: true },
      });
    },
    TIMEOUT_MS,
  );

  it(
    'asks BigQuery for the columns that are mapped only',
    async () => {
      const bodies: string[] = [];
      const { gate } = standIn();
      gate.onJob = (sql) => bodies.push(sql);
      expect((await read(open(), 'narrow', ['note'])).startsWith('note ')).toBe(true);
      expect(bodies.at(-1)).toBe(`select \`note\` from (\n${model.sql}\n)`);
    },
    TIMEOUT_MS,
  );

  it(
    'reads columns without a name, which cannot be asked for',
    async () => {
      const unnamed = { name: 'users', sql: 'select 1, 2, 3 as three' };
      const [first] = await open().describe(unnamed);
      const { pieces } = await open().read(unnamed, [first?.name ?? ''], reading('unnamed'));
      expect(await readPieces(pieces)).toBe('1\n');
    },
    TIMEOUT_MS,
  );

  it(
    'goes on where the connection to the Storage Read API broke',
    async () => {
      const way = await startBreakable(Number(new URL(standIn().storage).port));
      try {
        const source = open({ read: 'storage', storageEndpoint: way.address });
        expect(await readAnd(source, 'storage-broken', way.breakAll)).toBe(ROWS);
      } finally {
        await way.close();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'gives up an answer of the Storage Read API that does not come',
    async () => {
      const way = await startBreakable(Number(new URL(standIn().storage).port));
      const storage = openStorage({
        projectId: PROJECT,
        endpoint: new URL(way.address),
        auth: { client: async () => new OAuth2Client(), renew: () => undefined, principal: null },
        signal: new AbortController().signal,
        answerTimeoutMs: 2000,
      });
      try {
        const stream = await storage.openStream(`projects/${PROJECT}/datasets/app/tables/users`, ['note']);
        if (stream === null) throw new Error('there is no stream');
        way.freeze();
        const rows = (async () => {
          for await (const batch of storage.readRows(stream, 0)) expect(batch.rows).toBeGreaterThan(0);
        })();
        const failure = failureOf(await rows.catch((error: unknown) => error));
        expect(failure?.reason).toBe('DEADLINE_EXCEEDED');
      } finally {
        await storage.close();
        await way.close();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'waits out a rate limit',
    async () => {
      const answer = googleError(403, 'rateLimitExceeded', 'Exceeded rate limits', 'PERMISSION_DENIED');
      standIn().gate.state.passing = { answer, times: 2 };
      expect(linesOf(await read(open(), 'limited'))).toBe(ROWS);
    },
    TIMEOUT_MS,
  );
});

suite('bigquery: a cancel', () => {
  it.each(['validate', 'describe', 'preview'] as const)('ends %s', async (call) => {
    const stopping = new AbortController();
    const source = open({}, stopping.signal);
    const under = call === 'preview' ? source.preview(model, 5) : source[call](model);
    stopping.abort();
    await expect(under).rejects.toMatchObject({ code: 'run_cancelled' });
  });

  it(
    'that comes while a job is being started leaves no job running',
    async () => {
      const stopping = new AbortController();
      const { gate } = standIn();
      gate.onJob = (sql) => sql.includes('sum(') && stopping.abort();
      const slow = {
        name: 'users',
        sql: 'select sum(mod(a * b, 7)) as id from unnest(generate_array(1, 100000)) a, unnest(generate_array(1, 100000)) b',
      };
      const source = open({}, stopping.signal);
      await expect(source.read(slow, ['id'], reading('starting'))).rejects.toMatchObject({
        code: 'run_cancelled',
      });
      await source.close();
      await nothingRuns();
    },
    TIMEOUT_MS,
  );
});

suite('bigquery: a cancel in between', () => {
  const slow = {
    name: 'users',
    sql: 'select max(mod(a * b, 11)) as id from unnest(generate_array(1, 100000)) a, unnest(generate_array(1, 100000)) b',
  };

  it(
    'of the start of a job and the wait for it leaves no job running',
    async () => {
      const stopping = new AbortController();
      const source = open({}, stopping.signal);
      const { pieces } = await source.read(slow, ['id'], reading('between'));
      for await (const piece of pieces) {
        if ('place' in piece) stopping.abort();
        break;
      }
      await source.close();
      await nothingRuns();
    },
    TIMEOUT_MS,
  );

  it('ends a read whose connection to the Storage Read API is dead', async () => {
    const way = await startBreakable(Number(new URL(standIn().storage).port));
    const stopping = new AbortController();
    try {
      const source = open({ read: 'storage', storageEndpoint: way.address }, stopping.signal);
      way.state.freezeAfter = 1_000_000;
      const large = { name: 'users', sql: "select id, repeat('x', 500) as note from app.users" };
      const { pieces } = await source.read(large, ['id', 'note'], reading('dead'));
      const ended = readPieces(pieces);
      ended.catch(() => undefined);
      await until(async () => way.state.frozen);
      stopping.abort();
      await expect(ended).rejects.toMatchObject({ code: 'run_cancelled' });
    } finally {
      await way.close();
    }
  }, 20_000);
});

suite('bigquery: a value by the Storage Read API', () => {
  it(
    'has the text that it has by the other way',
    async () => {
      const columns = documentedValues('bigquery').map(
        ({ expression }, index) => `${expression} as v${index}`,
      );
      const values = { name: 'users', sql: `select ${columns.join(', ')}` };
      const names = columns.map((_, index) => `v${index}`);
      const [rest = '', storage = ''] = await Promise.all(
        ['rest', 'storage'].map(async (way) => {
          const { pieces } = await open({ read: way }).read(values, names, reading(`values-${way}`));
          return readPieces(pieces);
        }),
      );
      const other = storage.split('\t');
      const told = (texts: string[]) => texts.map((text, index) => `${columns[index]}: ${text}`);
      expect(told(other)).toEqual(told(rest.split('\t')));
      expect(other.length).toBeGreaterThan(30);
    },
    TIMEOUT_MS,
  );
});

suite('bigquery: a function', () => {
  it('of SQL may be called, and one that BigQuery hands to an endpoint outside may not', async () => {
    await standIn().run('create function app.half(x int64) as (x + 1)');
    await standIn().run('create function app.notify(x int64) as (x)');
    const calling = (name: string) => ({ name: 'users', sql: `select app.${name}(1) as id` });
    expect((await open().preview(calling('half'), 1)).rows).toEqual([['2']]);
    await expect(open().preview(calling('notify'), 1)).rejects.toMatchObject({
      code: 'not_a_select',
      message: expect.stringContaining(`${PROJECT}.app.notify`),
    });
  });
});

suite('bigquery: the cost', () => {
  it('of a large model is said by validate', async () => {
    standIn().gate.state.bytes = 2048n * GIB;
    const { warnings } = await open().validate(model);
    expect(warnings).toEqual([expect.stringContaining('each run reads 2048 GiB, about 12.50 USD on demand')]);
  });
});

suite('bigquery: a preview', () => {
  it('has no more rows than are asked for, and every one of a result that is shorter', async () => {
    const { rows } = await open().preview(model, 7);
    expect(rows).toHaveLength(7);
    const short = { name: 'users', sql: 'select id from app.users where id <= 3 order by id;' };
    expect((await open().preview(short, 100)).rows).toEqual([['1'], ['2'], ['3']]);
  });
});

suite('bigquery: a place', () => {
  it(
    'behind the last row gives none, and holds no secret',
    async () => {
      const source = open();
      const places: Piece[] = [];
      for await (const piece of (await source.read(model, ['id'], reading('places'))).pieces) {
        if ('place' in piece) places.push(piece);
      }
      const last = places.at(-1);
      if (last === undefined || !('place' in last)) throw new Error('there is no place');
      expect(last.place).toMatchObject({ rows: ROWS, done: true });
      const { pieces } = await open().read(model, ['id'], reading('places', last.place));
      expect(await readPieces(pieces)).toBe('');
      expect(JSON.stringify(places)).not.toContain('PRIVATE KEY');
    },
    TIMEOUT_MS,
  );
});
