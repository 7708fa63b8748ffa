import { endOfValue } from '../../sources/elasticsearch/json-text.ts';
import { startBreakingProxy } from '../standins/elasticsearch/breaking-proxy.ts';
import { ELASTICSEARCH_CA, startNode, type Node } from '../standins/elasticsearch/node.ts';
import { takeTurn } from '../standins/start-or-skip.ts';
import { STANDARD_COLUMNS, standardRows, type StandardColumn } from './standard-rows.ts';
import type { Service } from './subject.ts';

const BULK_ROWS = 10_000;

const kinds: Service['kinds'] = {
  id: 'integer',
  email: 'text',
  logins: 'integer',
  score: 'float',
  ratio: 'float',
  active: 'boolean',
  seen_at: 'timestamp',
  born: 'date',
  note: 'text',
};
const MAPPING: Readonly<Record<StandardColumn, object>> = {
  id: { type: 'long' },
  email: { type: 'keyword' },
  logins: { type: 'integer' },
  score: { type: 'double' },
  ratio: { type: 'double' },
  active: { type: 'boolean' },
  seen_at: { type: 'date_nanos' },
  born: { type: 'date', format: 'yyyy-MM-dd' },
  // Shorter than the longest: what the index leaves out is a value of the document all the same.
  note: { type: 'keyword', ignore_above: 12 },
};

/** A real node of Elasticsearch, behind a proxy that can break connections. */
export async function startElasticsearch(): Promise<Service> {
  const endTurn = await takeTurn();
  const node = await startNode().catch(async (error: unknown) => {
    await endTurn();
    throw error;
  });
  const { admin } = node;
  await loadStandardRows(node, 'users');
  await admin.indices.create({ index: 'hidden', mappings: { properties: { id: { type: 'long' } } } });
  await admin.indices.create({ index: 'closed', mappings: { properties: { id: { type: 'long' } } } });
  await admin.indices.close({ index: 'closed' });
  await admin.indices.create({
    index: 'red',
    wait_for_active_shards: 0,
    settings: { number_of_replicas: 0, 'index.routing.allocation.require._name': 'nobody' },
    mappings: { properties: { id: { type: 'long' } } },
  });
  const readable = ['users', 'users-*', 'value-*', 'closed', 'red', 'nowhere*'];
  const readerKey = await apiKey(node, readable, ['read', 'view_index_metadata']);
  const onlyRead = await apiKey(node, readable, ['read']);
  const writerKey = await apiKey(node, readable, ['read', 'view_index_metadata', 'write']);
  const expired = await apiKey(node, readable, ['read'], '1ms');
  const proxy = await startBreakingProxy(Number(new URL(node.url).port));
  const url = `https://localhost:${proxy.port}`;

  const model = (content: object = {}) => ({
    name: 'users',
    index: 'users',
    fields: [...STANDARD_COLUMNS],
    ...content,
  });
  const slow = model({ query: { script: { script: { lang: 'sleep', source: '2' } } } });
  let values = 0;
  return {
    connection: { type: 'elasticsearch', url, apiKey: readerKey, ca: ELASTICSEARCH_CA },
    allowedEndpoints: [],
    kinds,
    models: {
      rows: model(),
      one: model({ query: { term: { id: 1 } } }),
      empty: model({ query: { range: { id: { lt: 0 } } } }),
      twice: model({ fields: ['id', 'id'] }),
    },
    repeated: async (times) => {
      const index = `users-${times}`;
      await loadStandardRows(node, index, times);
      return model({ index });
    },
    paths: { 'in small pages': { pageRows: 3000 } },
    hostile: null,
    faults: [
      {
        name: 'a query that is none',
        model: model({ query: { bool: { must: [{ trem: { id: 1 } }] } } }),
        code: 'source_syntax',
        says: /query\.bool\.must\[0\]\.trem/,
      },
      {
        name: 'a parameter that is none',
        model: model({ query: { range: { id: { gtee: 1 } } } }),
        code: 'source_syntax',
        says: /query\.range\.id\.gtee/,
      },
      {
        name: 'a value of another type',
        model: model({ query: { term: { id: 'secret-value' } } }),
        code: 'source_query_failed',
      },
      { name: 'index', model: model({ index: 'nowhere' }), code: 'source_table_missing', says: /"nowhere"/ },
      { name: 'pattern', model: model({ index: 'nowhere-*' }), code: 'source_table_missing' },
      {
        name: 'closed index',
        model: model({ index: 'closed', fields: ['id'] }),
        code: 'source_query_failed',
        says: /index_closed_exception/,
      },
      {
        name: 'field',
        model: model({ fields: ['nothing'] }),
        code: 'source_column_missing',
        says: /"nothing"/,
      },
      { name: 'key', model: model({ key: 'nothing' }), code: 'source_column_missing', says: /"nothing"/ },
      { name: 'key _id', model: model({ key: '_id' }), code: 'key_type_unsupported' },
      {
        name: 'permission',
        model: model({ index: 'hidden' }),
        code: 'source_permission',
        says: /needs read on "hidden"/,
      },
      {
        name: 'permission to see the mapping',
        connection: { apiKey: onlyRead },
        model: model(),
        code: 'source_permission',
        says: /needs read, view_index_metadata on "users"/,
      },
      { name: 'API key', connection: { apiKey: 'bm8ta2V5OmF0LWFsbA==' }, code: 'source_credentials' },
      { name: 'expired API key', connection: { apiKey: expired }, code: 'source_credentials' },
      { name: 'host', connection: { url: 'https://nowhere.invalid:9200' }, code: 'source_host_unknown' },
      { name: 'port', connection: { url: 'https://127.0.0.1:1' }, code: 'source_unreachable' },
      { name: 'TLS', connection: { ca: undefined }, code: 'source_tls' },
      {
        name: 'a certificate for another host',
        connection: { url: `https://127.0.0.1:${proxy.port}` },
        code: 'source_tls',
      },
      { name: 'timeout', connection: { timeout: '1s' }, model: slow, code: 'source_timeout' },
      { name: 'a red index', model: model({ index: 'red', fields: ['id'] }), code: 'source_partial_result' },
    ],
    writes: ['delete from users', 'drop table users', 'show tables', 'insert into users values (1)'].map(
      (sql) => ({ name: 'users', sql }),
    ),
    writer: { apiKey: writerKey },
    slow,
    running: () => running(node),
    resumable: true,
    // A point in time goes with the shards that it is of.
    expireResults: async () => {
      await admin.indices.close({ index: 'users' });
      await admin.indices.open({ index: 'users', wait_for_active_shards: 'all' });
    },
    breakConnections: async () => proxy.breakNext(),
    valueOf: async (expression) => {
      const { document, fields, mapping } = valueIn(expression);
      const index = `value-${(values += 1)}`;
      await admin.indices.create({
        index,
        settings: { number_of_shards: 1, number_of_replicas: 0 },
        mappings: { properties: { value: mapping } },
      });
      await admin.transport.request(
        { method: 'PUT', path: `/${index}/_doc/1`, querystring: { refresh: 'true' }, body: document },
        { headers: { 'content-type': 'application/json', accept: 'application/json' } },
      );
      return { name: 'value', index, fields };
    },
    close: async () => {
      await proxy.close();
      await node.stop();
      await endTurn();
    },
  };
}

async function loadStandardRows({ admin }: Node, index: string, times = 1): Promise<void> {
  await admin.indices.create({
    index,
    settings: { number_of_shards: 3, number_of_replicas: 0, refresh_interval: '-1' },
    mappings: { properties: MAPPING },
  });
  let lines: object[] = [];
  const send = async (): Promise<void> => {
    const { errors } = await admin.bulk({ index, operations: lines });
    if (errors) throw new Error('the standard rows were not taken');
    lines = [];
  };
  for (let time = 0; time < times; time += 1) {
    for (const row of standardRows()) {
      // In the form in which a date_nanos is written; a score is a number in JSON.
      const seen_at = `${row.seen_at.replace(' ', 'T')}Z`;
      lines.push({ index: { _id: `${row.id}-${time}` } }, { ...row, seen_at, score: Number(row.score) });
      if (lines.length === 2 * BULK_ROWS) await send();
    }
  }
  if (lines.length > 0) await send();
  await admin.indices.refresh({ index });
}

async function apiKey(
  { admin }: Node,
  names: string[],
  privileges: ('read' | 'view_index_metadata' | 'write')[],
  expiration?: string,
): Promise<string> {
  const { encoded } = await admin.security.createApiKey({
    name: privileges.join(),
    role_descriptors: { reader: { cluster: [], indices: [{ names, privileges }] } },
    ...(expiration === undefined ? {} : { expiration }),
  });
  return encoded;
}

async function running({ admin }: Node): Promise<number> {
  const { nodes } = await admin.nodes.stats({ metric: 'indices', index_metric: 'search' });
  const { nodes: busy = {} } = await admin.tasks.list({ actions: 'indices:data/read/search*' });
  const contexts = Object.values(nodes).map(({ indices }) => Number(indices?.search?.open_contexts ?? 0));
  const tasks = Object.values(busy).map(({ tasks: found }) => Object.keys(found).length);
  return [...contexts, ...tasks].reduce((sum, count) => sum + count, 0);
}

/** `long 42`: a mapping (a type, or JSON) and the JSON of the value, if the document has one; `long[] [1]`: as a list. */
function valueIn(expression: string): { document: string; fields: string[]; mapping: object } {
  const isJson = expression.startsWith('{');
  const end = isJson ? endOfValue(expression, 0) : (/[^\w[\]]|$/.exec(expression)?.index ?? 0);
  const type = expression.slice(0, end);
  const value = expression
    .slice(end)
    .trim()
    .replace(/^repeat (.) (\d+)$/, (_, text: string, times: string) =>
      JSON.stringify(text.repeat(Number(times))),
    );
  return {
    document: value === '' ? '{}' : `{"value":${value}}`,
    fields: [type.endsWith('[]') ? 'value[]' : 'value'],
    mapping: isJson ? (JSON.parse(type) as object) : { type: type.replace('[]', '') },
  };
}
