import { readFile } from 'node:fs/promises';
import { fetch, Agent } from 'undici';
import type { ResolvedWarehouseConnection } from '../../definitions/connection.ts';
import type { ResolvedModel } from '../../sources/source.ts';

type Of<Type> = Extract<ResolvedWarehouseConnection, { type: Type }>;

/**
 * Reads a model by the warehouse's own client as its manual shows it, and does nothing with the rows: what no reader can be
 * faster than. Where a warehouse has a server here that is no stand-in.
 *
 * @returns the number of rows
 */
export async function bareRead(
  connection: ResolvedWarehouseConnection,
  model: ResolvedModel,
): Promise<number> {
  switch (connection.type) {
    case 'postgres':
      return copyOfPostgres(connection, sqlOf(model));
    case 'mysql':
      return streamOfMysql(connection, sqlOf(model));
    case 'elasticsearch':
      return pagesOfElasticsearch(connection, model);
    case 'databricks':
      return chunksOfDatabricks(connection, sqlOf(model));
    default:
      throw new Error(`${connection.type} has no server here that is its own`);
  }
}

function sqlOf(model: ResolvedModel): string {
  if ('sql' in model) return model.sql;
  throw new Error(`${model.name} is no SQL`);
}

async function copyOfPostgres({ url }: Of<'postgres'>, sql: string): Promise<number> {
  const [{ default: pg }, { to }] = await Promise.all([import('pg'), import('pg-copy-streams')]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const copy = client.query(to(`copy (${sql}) to stdout`));
  copy.resume();
  await new Promise((resolve, reject) => copy.once('end', resolve).once('error', reject));
  await client.end();
  return copy.rowCount;
}

async function streamOfMysql(connection: Of<'mysql'>, sql: string): Promise<number> {
  const { createConnection } = await import('mysql2');
  const { database, host, password, port, url, user, sslrootcert } = connection;
  const ca = sslrootcert === undefined ? undefined : await pemOf(sslrootcert);
  const client = createConnection({
    ...(url === undefined ? { host, port, database, user, password } : { uri: url }),
    ...(ca === undefined ? {} : { ssl: { ca } }),
  });
  let rows = 0;
  for await (const row of client.query({ sql, rowsAsArray: true }).stream()) {
    void row;
    rows += 1;
  }
  client.destroy();
  return rows;
}

const pemOf = async (text: string): Promise<string> =>
  text.includes('-----BEGIN') ? text : readFile(text, 'utf8');

async function pagesOfElasticsearch(connection: Of<'elasticsearch'>, model: ResolvedModel): Promise<number> {
  if (!('index' in model)) throw new Error(`${model.name} reads no index`);
  const { Client } = await import('@elastic/elasticsearch');
  const { apiKey, ca, pageRows, password = '', url = '', username = '' } = connection;
  const client = new Client({
    node: url,
    auth: apiKey === undefined ? { username, password } : { apiKey },
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  const { id } = await client.openPointInTime({ index: model.index, keep_alive: '5m' });
  let rows = 0;
  let after: unknown[] | undefined;
  for (;;) {
    const { hits } = await client.search({
      pit: { id, keep_alive: '5m' },
      size: pageRows ?? 5000,
      sort: [{ _shard_doc: 'asc' }],
      track_total_hits: false,
      ...(after === undefined ? {} : { search_after: after as (string | number)[] }),
    });
    rows += hits.hits.length;
    after = hits.hits.at(-1)?.sort;
    if (after === undefined) break;
  }
  await client.closePointInTime({ id });
  return rows;
}

interface Statement {
  statement_id: string;
  status: { state: string };
  manifest?: { total_chunk_count?: number };
}

interface ExternalLink {
  external_link: string;
  http_headers?: Record<string, string>;
}

async function chunksOfDatabricks(connection: Of<'databricks'>, sql: string): Promise<number> {
  const base = connection.host.includes('://') ? connection.host : `https://${connection.host}`;
  const dispatcher = new Agent();
  const headers = { authorization: `Bearer ${connection.token ?? ''}`, 'content-type': 'application/json' };
  const statements = `${base}/api/2.0/sql/statements`;
  const submitted = await fetch(statements, {
    method: 'POST',
    headers,
    dispatcher,
    body: JSON.stringify({
      statement: sql,
      warehouse_id: connection.warehouse,
      wait_timeout: '0s',
      disposition: 'EXTERNAL_LINKS',
      format: 'JSON_ARRAY',
    }),
  });
  let statement = (await submitted.json()) as Statement;
  while (['PENDING', 'RUNNING'].includes(statement.status.state)) {
    const polled = await fetch(`${statements}/${statement.statement_id}`, { headers, dispatcher });
    statement = (await polled.json()) as Statement;
  }
  let rows = 0;
  for (let chunk = 0; chunk < (statement.manifest?.total_chunk_count ?? 0); chunk += 1) {
    const asked = await fetch(`${statements}/${statement.statement_id}/result/chunks/${chunk}`, {
      headers,
      dispatcher,
    });
    const { external_links } = (await asked.json()) as { external_links: ExternalLink[] };
    for (const { external_link, http_headers } of external_links) {
      const answer = await fetch(external_link, { headers: http_headers ?? {}, dispatcher });
      const page = (await answer.json()) as unknown[][];
      rows += page.length;
    }
  }
  await dispatcher.close();
  return rows;
}
