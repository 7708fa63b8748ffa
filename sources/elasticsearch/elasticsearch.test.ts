import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { ADMIN, ELASTICSEARCH_CA, startNode, type Node } from '../../test/standins/elasticsearch/node.ts';
import { startOrSkip, takeTurn } from '../../test/standins/start-or-skip.ts';
import { nobodyStops, readPieces } from '../../test/support/read-pieces.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import type { ResolvedModel, Source } from '../source.ts';
import { openElasticsearch } from './open-elasticsearch.ts';

const START_MS = 240_000;
const READER = { username: 'reader', password: 'secret-of-reader' };
/** Beyond 2^53: neighbours that a double makes one of. */
const FIRST_KEY = 9_007_199_254_740_993n;
const KEYS = 25;

const opened: Source[] = [];
let endTurn: () => Promise<void> = async () => undefined;
const started = await startOrSkip('elasticsearch', async () => {
  endTurn = await takeTurn();
  return startNode().catch(async (error: unknown) => {
    await endTurn();
    throw error;
  });
});

const node = (): Node => {
  if (started === null) throw new Error('the node was not started');
  return started;
};

function open(fields: object = {}): Source {
  const connection = resolveConnection('search', {
    type: 'elasticsearch',
    url: node().url,
    ca: ELASTICSEARCH_CA,
    timeout: '5m',
    ...READER,
    ...fields,
  });
  const source = openElasticsearch('search', connection, nobodyStops());
  opened.push(source);
  return source;
}

const modelOf = (index: string, content: object = {}): ResolvedModel => ({ name: 'm', index, ...content });

async function rows(source: Source, model: ResolvedModel): Promise<string[][]> {
  const columns = (await source.describe(model)).map(({ name }) => name);
  const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from: null };
  const { pieces } = await source.read(model, columns, options);
  const text = await readPieces(pieces);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** JSON text, so that a number has every digit. */
async function put(index: string, id: string, document: string): Promise<void> {
  await node().admin.transport.request(
    { method: 'PUT', path: `/${index}/_doc/${id}`, querystring: { refresh: 'true' }, body: document },
    { headers: { 'content-type': 'application/json', accept: 'application/json' } },
  );
}

const suite = started === null ? describe.skip : describe;
suite('elasticsearch: a model of an index', () => {
  beforeAll(async () => {
    const { admin } = node();
    await admin.security.putRole({
      name: 'reader',
      indices: [{ names: ['*'], privileges: ['read', 'view_index_metadata'] }],
    });
    await admin.security.putUser({ ...READER, roles: ['reader'] });
    await admin.indices.create({
      index: 'people',
      mappings: {
        properties: {
          name: { type: 'text', fields: { raw: { type: 'keyword' } } },
          age: { type: 'long', ignore_malformed: true },
          tags: { type: 'keyword', ignore_above: 5 },
          address: { properties: { city: { type: 'keyword' }, zip: { type: 'keyword' } } },
          orders: { type: 'nested', properties: { total: { type: 'long' } } },
          at: { type: 'date_nanos' },
        },
      },
    });
    await put(
      'people',
      'a',
      `{"name":"Ann","age":7,"tags":["x"],"address":{"city":"Oslo"},"orders":[{"total":1}],"at":"2024-01-01T00:00:00.000000001Z"}`,
    );
    await admin.indices.create({
      index: 'keys',
      settings: { number_of_shards: 3 },
      mappings: { properties: { key: { type: 'long' }, at: { type: 'date_nanos' } } },
    });
    for (let index = 0; index < KEYS; index += 1) {
      const nanos = String(index).padStart(9, '0');
      await put(
        'keys',
        String(index),
        `{"key":${FIRST_KEY + BigInt(index)},"at":"2024-01-01T00:00:00.${nanos}Z"}`,
      );
    }
  }, START_MS);
  afterAll(async () => {
    await Promise.all(opened.map((source) => source.close()));
    await node().stop();
    await endTurn();
  }, START_MS);

  it('has _id and every mapped field for columns, by their dotted paths', async () => {
    const source = open();
    expect((await source.describe(modelOf('people'))).map(({ kind, name }) => `${name} ${kind}`)).toEqual([
      '_id text',
      'address.city text',
      'address.zip text',
      'age integer',
      'at timestamp',
      'name text',
      'orders json',
      'tags text',
    ]);
    expect(await rows(source, modelOf('people'))).toEqual([
      ['a', 'Oslo', '\\N', '7', '2024-01-01 00:00:00.000000001', 'Ann', '[{"total":1}]', 'x'],
    ]);
  });

  it('has the columns that it names, objects and lists among them', async () => {
    const fields = ['_index', 'address', 'tags[]', 'name.raw'];
    expect(await rows(open(), modelOf('people', { fields }))).toEqual([
      ['people', '{"city":"Oslo"}', '["x"]', 'Ann'],
    ]);
  });

  it('is sorted by a key, and is not read in circles by one beyond 2^53', async () => {
    for (const key of ['key', 'at']) {
      const read = await rows(open({ pageRows: 4 }), modelOf('keys', { fields: ['key'], key }));
      expect(read.flat()).toEqual(
        Array.from({ length: KEYS }, (_, index) => String(FIRST_KEY + BigInt(index))),
      );
    }
  });

  it('does not see what is written while it is read', async () => {
    const source = open({ pageRows: 4 });
    const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from: null };
    const { pieces } = await source.read(modelOf('keys', { fields: ['_id'] }), ['_id'], options);
    let text = '';
    for await (const piece of pieces) {
      if ('place' in piece) continue;
      text += piece.toString('utf8');
      await put('keys', 'new', '{"key":1}');
      await node().admin.delete({ index: 'keys', id: '24', refresh: true }, { ignore: [404] });
    }
    expect(text.split('\n').slice(0, -1).sort()).toEqual(
      Array.from({ length: KEYS }, (_, index) => String(index)).sort(),
    );
  });

  it('is refused where a value would be lost, with what to do', async () => {
    await put('people', 'b', '{"tags":["x","y"]}');
    const several = modelOf('people', { fields: ['tags'], query: { ids: { values: ['b'] } } });
    await expect(rows(open(), several)).rejects.toMatchObject({
      code: 'source_value_unsupported',
      action: expect.stringContaining('"tags[]"'),
    });
    await put('people', 'c', '{"age":"many","tags":["short","too long"]}');
    for (const field of ['age', 'tags[]']) {
      const ignored = modelOf('people', { fields: [field], query: { ids: { values: ['c'] } } });
      await expect(rows(open(), ignored)).rejects.toMatchObject({
        code: 'source_value_unsupported',
        action: expect.stringContaining('_ignored'),
      });
    }
  });

  it('reads several indices, where a field has one kind in all', async () => {
    const { admin } = node();
    await admin.indices.create({
      index: 'log-1',
      mappings: { properties: { n: { type: 'integer' }, x: { type: 'long' } } },
    });
    await admin.indices.create({
      index: 'log-2',
      mappings: { properties: { n: { type: 'long' }, x: { type: 'keyword' } } },
    });
    await put('log-1', '1', '{"n":1,"x":1}');
    await put('log-2', '2', '{"n":2,"x":"a"}');
    const read = await rows(open(), modelOf('log-*', { fields: ['_index', 'n', 'x[]'] }));
    expect(read.sort()).toEqual([
      ['log-1', '1', '[1]'],
      ['log-2', '2', '["a"]'],
    ]);
    await expect(open().describe(modelOf('log-1,log-2', { fields: ['x'] }))).rejects.toMatchObject({
      code: 'source_value_unsupported',
    });
  });

  it('begins again when the node went away in the middle of a read', async () => {
    const source = open({ pageRows: 4 });
    const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from: null };
    const { pieces } = await source.read(modelOf('keys', { fields: ['_id'] }), ['_id'], options);
    const ended = (async () => {
      for await (const piece of pieces) if (!('place' in piece)) await node().restart();
    })();
    await expect(ended).rejects.toMatchObject({ code: 'source_result_expired' });
    expect(await rows(source, modelOf('keys', { fields: ['_id'] }))).toHaveLength(KEYS);
  }, 120_000);

  it('refuses a field in a nested one, and a key that cannot be sorted by', async () => {
    const source = open();
    await expect(source.describe(modelOf('people', { fields: ['orders.total'] }))).rejects.toMatchObject({
      code: 'source_value_unsupported',
    });
    await expect(source.describe(modelOf('people', { key: 'name' }))).rejects.toMatchObject({
      code: 'key_type_unsupported',
    });
  });
});

suite('elasticsearch: a connection', () => {
  it('by user and password warns of a user who could write, and refuses a wrong password', async () => {
    expect(await open().validate(null)).toEqual({ warnings: [] });
    const { warnings } = await open(ADMIN).validate(null);
    expect(warnings.join()).toMatch(/could write/);
    await expect(open({ password: 'wrong-password' }).validate(null)).rejects.toMatchObject({
      code: 'source_credentials',
    });
  });

  it('refuses a cloud id that is none', () => {
    expect(() => open({ url: undefined, cloudId: 'name:bm8tZG9sbGFy' })).toThrow(/cloudId/);
  });

  it('refuses an authority that cannot be read', () => {
    expect(() => open({ ca: '/no/such/file.pem' })).toThrow(/TLS handshake.*ENOENT/);
  });
});
