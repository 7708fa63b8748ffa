import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { ADMIN, ELASTICSEARCH_CA, startNode, type Node } from '../../test/standins/elasticsearch/node.ts';
import { startOrSkip, takeTurn } from '../../test/standins/start-or-skip.ts';
import { nobodyStops, readPieces } from '../../test/support/read-pieces.ts';
import { MAX_VALUE_BYTES, type Place } from '../../vocabulary/spool.ts';
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
suite('elasticsearch: a real node', () => {
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
    await admin.indices.create({
      index: 'lost',
      wait_for_active_shards: 0,
      settings: { number_of_replicas: 0, 'index.routing.allocation.require._name': 'nobody' },
      mappings: { properties: { id: { type: 'long' } } },
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

  it('gives _id and every mapped field for columns, by their dotted paths', async () => {
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

  it('gives the columns that a model names, objects and lists among them', async () => {
    const fields = ['_index', 'address', 'tags[]', 'name.raw'];
    expect(await rows(open(), modelOf('people', { fields }))).toEqual([
      ['people', '{"city":"Oslo"}', '["x"]', 'Ann'],
    ]);
  });

  it('is read in the order of a key, and not in circles by one beyond 2^53', async () => {
    for (const key of ['key', 'at']) {
      const read = await rows(open({ pageRows: 4 }), modelOf('keys', { fields: ['key'], key }));
      expect(read.flat()).toEqual(
        Array.from({ length: KEYS }, (_, index) => String(FIRST_KEY + BigInt(index))),
      );
    }
  });

  it('is read in the order of a key that documents lack, share, or have as -0.0', async () => {
    const types = ['keyword', 'long', 'double', 'boolean', 'date', 'date_nanos', 'ip'] as const;
    await node().admin.indices.create({
      index: 'lacking',
      settings: { number_of_shards: 2 },
      mappings: { properties: Object.fromEntries(types.map((type) => [type, { type }])) },
    });
    const written = [
      '{}',
      '{"keyword":"a","long":1,"double":-0.0,"boolean":true,"date":"2024-01-01","date_nanos":"2024-01-01","ip":"::1"}',
    ];
    for (let id = 0; id < 8; id += 1) await put('lacking', String(id), written[id % 2] ?? '');
    const ids = Array.from({ length: 8 }, (_, id) => String(id));
    for (const key of types) {
      const read = await rows(open({ pageRows: 1 }), modelOf('lacking', { fields: ['_id'], key }));
      expect([key, read.flat().sort()]).toEqual([key, ids]);
    }
  }, 60_000);

  it('refuses a key of several types, whose order would leave rows out', async () => {
    const { admin } = node();
    for (const [index, type] of [
      ['mixed-1', 'date'],
      ['mixed-2', 'date_nanos'],
    ] as const)
      await admin.indices.create({ index, mappings: { properties: { at: { type } } } });
    await expect(open().describe(modelOf('mixed-*', { fields: ['at'], key: 'at' }))).rejects.toMatchObject({
      code: 'key_type_unsupported',
      where: 'model m, key "at": date, date_nanos',
    });
  });

  it('refuses a field that an index does not keep, and leaves it out where none are named', async () => {
    const properties = { a: { type: 'keyword' }, b: { type: 'keyword' } } as const;
    const { admin } = node();
    await admin.indices.create({ index: 'parts', mappings: { _source: { excludes: ['a'] }, properties } });
    await admin.indices.create({ index: 'bare', mappings: { _source: { enabled: false }, properties } });
    await put('parts', '1', '{"a":"x","b":"y"}');
    for (const [index, field] of [
      ['parts', 'a'],
      ['bare', 'b'],
    ] as const) {
      await expect(open().describe(modelOf(index, { fields: [field] }))).rejects.toMatchObject({
        code: 'source_value_unsupported',
        where: expect.stringContaining('does not keep it in _source'),
      });
    }
    expect(await rows(open(), modelOf('parts'))).toEqual([['1', 'y']]);
  });

  it('reads documents that are all of a sudden large', async () => {
    await node().admin.indices.create({
      index: 'large',
      settings: { number_of_shards: 1 },
      mappings: { properties: { n: { type: 'long' }, text: { type: 'text', index: false } } },
    });
    const large = 'x'.repeat(9_000_000);
    for (let n = 0; n < 10; n += 1) await put('large', String(n), `{"n":${n},"text":"${large}"}`);
    const read = await rows(open(), modelOf('large', { fields: ['n', 'text'], key: 'n' }));
    expect(read.map(([n]) => Number(n))).toEqual(Array.from({ length: 10 }, (_, n) => n));
    expect(read.every(([, text]) => text?.length === MAX_VALUE_BYTES + 1)).toBe(true);
  }, 120_000);

  it('begins again when its index was deleted, or a shard of its point in time is gone', async () => {
    const { admin } = node();
    const settings = { number_of_shards: 1, number_of_replicas: 0 };
    const mappings = { properties: { id: { type: 'long' } } } as const;
    await admin.indices.create({ index: 'swapped-1', settings, mappings, aliases: { swapped: {} } });
    for (const id of ['1', '2']) await put('swapped-1', id, '{}');
    const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from: null };
    const model = modelOf('swapped', { fields: ['_id'] });
    const deleted = async (): Promise<void> => {
      const { pieces } = await open({ pageRows: 1 }).read(model, ['_id'], options);
      let isThere = true;
      for await (const piece of pieces) {
        if ('place' in piece || !isThere) continue;
        isThere = false;
        await admin.indices.create({ index: 'swapped-2', settings, mappings, aliases: { swapped: {} } });
        await admin.indices.delete({ index: 'swapped-1' });
      }
    };
    // The second page was asked for before the index went; the third is not there.
    await expect(deleted()).rejects.toMatchObject({ code: 'source_result_expired' });
    expect(await rows(open(), model)).toEqual([]);

    const { id: pit } = await admin.transport.request<{ id: string }>({
      method: 'POST',
      path: '/lost,keys/_pit',
      querystring: { keep_alive: '1m', allow_partial_search_results: 'true' },
    });
    const from = { pit, after: null, rows: 0 };
    const lost = await open().read(modelOf('lost,keys', { fields: ['_id'] }), ['_id'], { ...options, from });
    await expect(readPieces(lost.pieces)).rejects.toMatchObject({ code: 'source_result_expired' });
  });

  it('does not show what is written while it is read', async () => {
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

  it('refuses a read that would lose a value, and says what to do', async () => {
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

  it('takes what an index does not map for no value', async () => {
    const { admin } = node();
    await admin.indices.create({ index: 'some-1', mappings: { properties: { a: { type: 'keyword' } } } });
    await admin.indices.create({ index: 'some-2', mappings: { dynamic: false } });
    await admin.indices.create({ index: 'some-3' });
    await put('some-1', '1', '{"a":"x"}');
    await put('some-2', '2', '{"a":"x"}');
    expect((await rows(open(), modelOf('some-*', { fields: ['_id', 'a'] }))).sort()).toEqual([
      ['1', 'x'],
      ['2', '\\N'],
    ]);
  });

  it('gives a value the same text as it is written and by the mapping', async () => {
    const mapped = {
      l: 'long',
      d: 'double',
      b: 'boolean',
      k: 'keyword',
      t: 'text',
      at: 'date',
      nanos: 'date_nanos',
      'o.k': 'keyword',
      f: 'float',
      ip: 'ip',
    };
    const properties = Object.fromEntries(
      Object.entries(mapped).map(([path, type]) => [path, { type }]),
    ) as Record<string, { type: 'long' }>;
    await node().admin.indices.create({
      index: 'plain',
      mappings: { properties: { ...properties, k: { type: 'keyword', ignore_above: 3 } } },
    });
    const plain = [
      '{"l":9007199254740991,"d":1e21,"b":true,"k":"","t":"tab\\t \\" \\\\ 😀","at":"2024-02-29T12:00:00.120Z","nanos":"2024-02-29T12:00:00.123456789Z","o":{"k":"x"}}',
      '{"l":-1,"d":0.1,"b":false,"k":"longer","t":"null","at":"1969-12-31T23:59:59Z","nanos":"2024-02-29T12:00:00Z","o":null}',
      '{"l":1e3,"d":-0.0,"k":null,"at":"2024-02-29T12:00:00.100Z","f":0.1,"ip":"10.0.0.1","o":{"x":1}}',
      '{"l":0,"d":100.0,"at":"2024-02-29","nanos":"2024-02-29T12:00:00.1","f":-123.456,"ip":"0.0.0.0"}',
      '{"at":"2024-02-29T12:00:00.1239","nanos":"2024-02-29","f":1000000}',
      '{"at":"1969-12-31T23:59:59.9999","f":0.001}',
    ];
    const odd = [
      '{"l":"12","d":"1.5","b":"true","k":5,"t":1.0,"at":1700000000123,"nanos":0,"o.k":"y","f":16777217,"ip":"::FFFF:1.2.3.4"}',
      '{"l":9007199254740993,"d":0.30000000000000001,"at":"2024-02-29T12:00:00.1239Z","o":[{"k":"z"}]}',
      '{"o":{"x":1},"o.k":"beside"}',
    ];
    for (const [index, document] of plain.entries()) await put('plain', `a${index}`, document);
    for (const [index, document] of odd.entries()) await put('plain', `b${index}`, document);
    const fields = ['_id', ...Object.keys(mapped)];
    const ids = plain.map((_, index) => `a${index}`);
    const asWritten = await rows(open(), modelOf('plain', { fields, query: { ids: { values: ids } } }));
    const byMapping = await rows(open(), modelOf('plain', { fields }));
    expect(asWritten).toHaveLength(plain.length);
    expect(byMapping.filter(([id = '']) => ids.includes(id)).sort()).toEqual(asWritten.sort());
    expect(byMapping.filter(([id = '']) => !ids.includes(id)).sort()).toEqual([
      [
        ...['b0', '12', '1.5', 't', '5', '1.0', '2023-11-14 22:13:20.123', '1970-01-01 00:00:00', 'y'],
        ...['16777216', '1.2.3.4'],
      ],
      [
        ...['b1', '9007199254740993', '0.3', '\\N', '\\N', '\\N', '2024-02-29 12:00:00.123', '\\N', 'z'],
        ...['\\N', '\\N'],
      ],
      ['b2', '\\N', '\\N', '\\N', '\\N', '\\N', '\\N', '\\N', 'beside', '\\N', '\\N'],
    ]);
  });

  it('begins again when the node was restarted in the middle of a read', async () => {
    const source = open({ pageRows: 4 });
    const model = modelOf('keys', { fields: ['_id'] });
    const read = async (from: Place | null): Promise<Place | null> => {
      const options = { maxValueBytes: MAX_VALUE_BYTES, id: 'test', from };
      const { pieces } = await source.read(model, ['_id'], options);
      let place: Place | null = null;
      for await (const piece of pieces) {
        if ('place' in piece) place = piece.place;
        else if (place !== null) return place;
      }
      return place;
    };
    const place = await read(null);
    await node().restart();
    await expect(read(place)).rejects.toMatchObject({ code: 'source_result_expired' });
    expect(await rows(source, model)).toHaveLength(KEYS);
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

  it('by user and password, warns of a user who could write, and refuses a wrong password', async () => {
    expect(await open().validate(null)).toEqual({ warnings: [] });
    const { warnings } = await open(ADMIN).validate(null);
    expect(warnings.join()).toMatch(/could write/);
    await expect(open({ password: 'wrong-password' }).validate(null)).rejects.toMatchObject({
      code: 'source_credentials',
    });
  });

  it('refuses an index of another cluster', async () => {
    await expect(open().describe(modelOf('people,other:people'))).rejects.toMatchObject({
      code: 'source_table_missing',
      where: 'model m, "other:people" is in another cluster',
    });
  });

  it('refuses a cloud id that is none', () => {
    expect(() => open({ url: undefined, cloudId: 'name:bm8tZG9sbGFy' })).toThrow(/cloudId/);
  });

  it('refuses an authority that cannot be read', () => {
    expect(() => open({ ca: '/no/such/file.pem' })).toThrow(/TLS handshake.*ENOENT/);
  });
});
