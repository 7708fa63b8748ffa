import type { ElasticsearchClient } from './client.ts';

/** Any of them changes documents or an index. */
const WRITES = ['write', 'create_index', 'delete_index', 'manage'] as const;

/**
 * What the credentials could do beyond reading; nothing where the cluster has no security.
 *
 * @param index of a model, where one is known
 */
export async function writeWarnings(
  connection: string,
  client: ElasticsearchClient,
  index: string | undefined,
): Promise<string[]> {
  const asked = { connection };
  const names = index === undefined ? ['*'] : ['*', ...index.split(',')];
  const body = { index: names.map((name) => ({ names: [name], privileges: WRITES })) };
  const answer = await client.ask({
    method: 'POST',
    path: '/_security/user/_has_privileges',
    body: JSON.stringify(body),
    asked,
  });
  const { index: granted = {} } = JSON.parse(answer) as { index?: Record<string, Record<string, boolean>> };
  const writable = Object.entries(granted).find(([, privileges]) => Object.values(privileges).includes(true));
  const found = writable?.[0] ?? (await ownWrites(client, connection));
  if (found === undefined) return [];
  return [
    `connection ${connection}: its credentials could write, as to ${found}; use ones that may only read`,
  ];
}

const READS = /^(read|read_cross_cluster|view_index_metadata|monitor|none)$/;

/** Of a user only: an API key may not ask for its own privileges. */
async function ownWrites(client: ElasticsearchClient, connection: string): Promise<string | undefined> {
  const request = { method: 'GET', path: '/_security/user/_privileges', asked: { connection } } as const;
  const answer = await client.ask(request).catch(() => '{}');
  const { indices = [] } = JSON.parse(answer) as { indices?: { names: string[]; privileges: string[] }[] };
  return indices.find(({ privileges }) => privileges.some((name) => !READS.test(name)))?.names[0];
}
