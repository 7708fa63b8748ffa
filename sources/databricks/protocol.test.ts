import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { startDatabricksStandIn } from '../../test/standins/databricks/start-databricks.ts';
import { runProgram } from '../../test/standins/run-program.ts';
import { startOrSkip } from '../../test/standins/start-or-skip.ts';
import { readPieces } from '../../test/support/read-pieces.ts';
import { until } from '../../test/support/until.ts';
import { MAX_VALUE_BYTES, type Piece, type Place } from '../../vocabulary/spool.ts';
import type { Source } from '../source.ts';
import { openDatabricks } from './open-databricks.ts';

const TIMEOUT_MS = 120_000;
const ROWS = { name: 'users', sql: 'select id, email from users' };

const server = await startOrSkip('databricks', startDatabricksStandIn);
const suite = server === null ? describe.skip : describe;
const running = () => {
  if (server === null) throw new Error('databricks was not started');
  return server;
};

suite('databricks: the Statement Execution API', () => {
  const opened: Source[] = [];
  const open = (fields: object = {}, signal = new AbortController().signal): Source => {
    const connection = resolveConnection('warehouse', {
      type: 'databricks',
      host: running().origin,
      warehouse: 'standard',
      token: 'dapi-reader',
      statementTimeout: '2m',
      ...fields,
    });
    const source = openDatabricks('warehouse', connection, {
      signal,
      allowedEndpoints: [running().origin],
    });
    opened.push(source);
    return source;
  };
  const read = async (source: Source, from: Place | null = null): Promise<AsyncIterable<Piece>> => {
    const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from };
    return (await source.read(ROWS, ['id', 'email'], options)).pieces;
  };
  const idsOf = (spool: string): number =>
    new Set(
      spool
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split('\t')[0]),
    ).size;
  /** Reads all, and does something once the first rows are there. */
  const readDisturbed = async (source: Source, disturb: () => Promise<unknown>): Promise<string> => {
    const buffers: Buffer[] = [];
    for await (const piece of await read(source)) {
      if ('place' in piece) continue;
      if (buffers.length === 0) await disturb();
      buffers.push(piece);
    }
    return Buffer.concat(buffers).toString('utf8');
  };
  /** So many lines, each of another row. */
  const expectAllOnce = (spool: string): void => {
    expect([spool.split('\n').length - 1, idsOf(spool)]).toEqual([100_000, 100_000]);
  };
  const firstPlace = async (source: Source): Promise<Place & { statementId: string }> => {
    for await (const piece of await read(source)) {
      if ('place' in piece) return piece.place as Place & { statementId: string };
    }
    throw new Error('there is no place');
  };
  const stateOf = async (id: string): Promise<string | undefined> =>
    (await running().control('state')).states[id];

  afterEach(() =>
    running().faults({
      throttle: 0,
      unavailable: 0,
      expireLink: 0,
      breakDownload: 0,
      slowSubmit: 0,
      expiredIs401: 0,
    }),
  );
  afterAll(async () => {
    await Promise.all(opened.map((source) => source.close()));
    await server?.close();
  }, TIMEOUT_MS);
  const test = (name: string, work: () => Promise<void>): void => it(name, work, TIMEOUT_MS);

  it.each([401, 403])(
    'a token that runs out in the middle of a read, by HTTP %s, is replaced once',
    async (status) => {
      const principal = { clientId: 'service-principal', clientSecret: 'secret-of-the-principal' };
      const source = open({ token: undefined, ...principal });
      const before = (await running().control('state')).counts.token ?? 0;
      await running().faults({ expiredIs401: status === 401 ? 1_000 : 0 });
      expectAllOnce(await readDisturbed(source, () => running().control('revoke-tokens')));
      expect((await running().control('state')).counts.token).toBe(before + 2);
    },
    TIMEOUT_MS,
  );

  test('a token that is refused at first is wrong, not expired', async () => {
    const source = open({ token: 'dapi-expired' });
    await expect(source.describe(ROWS)).rejects.toMatchObject({ code: 'source_credentials' });
  });

  test('links that expired are asked for again', async () => {
    expectAllOnce(await readDisturbed(open(), () => running().faults({ expireLink: 3 })));
  });

  test('a download that breaks goes on behind the rows that came', async () => {
    expectAllOnce(await readDisturbed(open(), () => running().faults({ breakDownload: 4 })));
  });

  test('what passes by itself is waited for', async () => {
    await running().faults({ throttle: 2, unavailable: 1 });
    expectAllOnce(await readPieces(await read(open())));
  });

  test('a warehouse that is stopped is waited for while it starts', async () => {
    const { rows } = await open({ warehouse: 'starting' }).preview({ name: 'm', sql: 'select 1 as a' }, 1);
    expect(rows).toEqual([['1']]);
  });

  test('a result waits for its reader until it is released', async () => {
    const source = open();
    const place = await firstPlace(source);
    await source.close();
    await until(async () => (await stateOf(place.statementId)) === 'SUCCEEDED');
    const other = open();
    expectAllOnce(await readPieces(await read(other, place)));
    await other.release?.(place);
    expect(await stateOf(place.statementId)).toBe('CLOSED');
    await other.release?.(place);
    await other.release?.({ of: 'something else' });
  });

  test('an abort in the middle of a read gives the result back', async () => {
    const stopping = new AbortController();
    const source = open({}, stopping.signal);
    let id = '';
    const reading = (async () => {
      for await (const piece of await read(source)) {
        if ('place' in piece) id = String(piece.place.statementId);
        else stopping.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'run_cancelled' });
    await source.close();
    expect(await stateOf(id)).toBe('CLOSED');
  });

  test('an abort ends a query that another worker began', async () => {
    const model = { name: 'm', sql: 'select wait_a_second(id) as id from range(60)' };
    const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test' };
    const first = open();
    let place: Place | null = null;
    for await (const piece of (await first.read(model, ['id'], { ...options, from: null })).pieces) {
      if ('place' in piece) place = piece.place;
      break;
    }
    await first.close();
    const id = String(place?.statementId);
    await until(async () => (await stateOf(id)) === 'RUNNING');
    const stopping = new AbortController();
    const source = open({}, stopping.signal);
    const { pieces } = await source.read(model, ['id'], { ...options, from: place });
    const reading = readPieces(pieces);
    setTimeout(() => stopping.abort(), 200);
    await expect(reading).rejects.toMatchObject({ code: 'run_cancelled' });
    await source.close();
    await until(async () => (await stateOf(id)) === 'CANCELED');
  });

  test('an abort while a statement is on its way ends it as soon as it is known', async () => {
    const stopping = new AbortController();
    const source = open({}, stopping.signal);
    const before = Object.keys((await running().control('state')).states);
    await running().faults({ slowSubmit: 1 });
    const described = source.describe({ name: 'm', sql: 'select wait_a_second(id) as id from range(60)' });
    const submitted = await until(async () =>
      Object.keys((await running().control('state')).states).find((id) => !before.includes(id)),
    );
    stopping.abort();
    await expect(described).rejects.toMatchObject({ code: 'run_cancelled' });
    await source.close();
    await until(async () => ['CANCELED', 'CLOSED'].includes((await stateOf(submitted)) ?? ''));
  });

  test('an abort before anything asks nothing of the server', async () => {
    const before = Object.keys((await running().control('state')).states).length;
    const source = open({}, AbortSignal.abort());
    await expect(source.validate(ROWS)).rejects.toMatchObject({ code: 'run_cancelled' });
    await expect(source.describe(ROWS)).rejects.toMatchObject({ code: 'run_cancelled' });
    expect(Object.keys((await running().control('state')).states)).toHaveLength(before);
  });

  test('a query that never ends is cancelled when its reader closes it by an abort', async () => {
    const stopping = new AbortController();
    const source = open({}, stopping.signal);
    const model = { name: 'm', sql: 'select wait_a_second(id) as id from range(60)' };
    const previewed = source.preview(model, 1_000);
    await until(async () => Object.values((await running().control('state')).states).includes('RUNNING'));
    stopping.abort();
    await expect(previewed).rejects.toMatchObject({ code: 'run_cancelled' });
    await source.close();
    await until(async () => (await running().control('state')).running === 0);
  });

  test('names of columns may be anything', async () => {
    const names = ['a b', 'c.d', 'e`f', 'ä\ng', 'select'];
    const columns = names.map((name, index) => `${index} as \`${name.replace('`', '``')}\``);
    const model = { name: 'm', sql: `select ${columns.join(', ')}` };
    const preview = await open().preview(model, 1);
    expect(preview.columns.map(({ name }) => name)).toEqual(names);
    expect(preview.rows).toEqual([['0', '1', '2', '3', '4']]);
  });

  test('a table is read by its name', async () => {
    const columns = await open().describe({ name: 'm', table: 'default.users' });
    expect(columns).toContainEqual({ name: 'score', kind: 'decimal', sourceType: 'DECIMAL(12,2)' });
  });

  it.each([
    ['table', 'main.app.users'],
    ['schema', 'main.app'],
    ['catalog', 'main'],
  ])(
    'is warned of when its principal owns a %s',
    async (kind, name) => {
      const { warnings } = await open({ token: `dapi-${kind}_owner` }).validate(null);
      expect(warnings).toEqual([expect.stringContaining(`could write, as to ${name};`)]);
    },
    TIMEOUT_MS,
  );

  test('is warned of when its warehouse has another time zone', async () => {
    const { warnings } = await open({ warehouse: 'hostile' }).validate(null);
    expect(warnings).toEqual([expect.stringContaining('Asia/Kolkata')]);
  });

  describe('as the stand-in has it, is understood by databricks-sdk', () => {
    const seen = {
      columns: [
        ['id', 'LONG', 'BIGINT'],
        ['email', 'STRING', 'STRING'],
      ],
      rows: 100_000,
      total: 100_000,
      inline: [['1', null]],
      missing: { state: 'FAILED', sqlState: '42P01', code: 'BAD_REQUEST' },
      unknown: 'NotFound',
      warehouse: 'RUNNING',
    };
    it.each([
      ['with a token', ['dapi-reader']],
      ['as a service principal', ['service-principal', 'secret-of-the-principal']],
    ])(
      '%s',
      async (_, credentials) => {
        const script = join(import.meta.dirname, '../../test/standins/databricks/read_with_sdk.py');
        const told = await runProgram(running().python, [script, running().origin, ...credentials]);
        expect(JSON.parse(told)).toEqual(seen);
      },
      TIMEOUT_MS,
    );
  });
});
