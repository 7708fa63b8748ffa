import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ElasticsearchClient } from './client.ts';

/** Any of them changes documents or an index. */
const WRITES = ['write', 'create_index', 'delete_index', 'manage'] as const;
const MAX_INDICES = 200;

/**
 * What the credentials could do beyond reading.
 *
 * @param index of a model, where one is known
 */
export async function writeWarnings(
  connection: string,
  client: ElasticsearchClient,
  index: string | undefined,
): Promise<string[]> {
  const names = ['*', ...(index?.split(',') ?? []), ...(await visibleIndices(client, connection))];
  const request = {
    method: 'POST',
    path: '/_security/user/_has_privileges',
    body: JSON.stringify({ index: [{ names: [...new Set(names)], privileges: WRITES }] }),
    asked: { connection },
  } as const;
  const answer = await client.ask(request).catch((error: unknown) => {
    // A cluster without security has no such address.
    if (error instanceof BackhaulError && error.code === 'source_query_failed') return null;
    throw error;
  });
  if (answer === null) {
    return [
      `connection ${connection}: the cluster has no security, so whoever reaches it could write; enable xpack.security`,
    ];
  }
  const { index: granted = {} } = JSON.parse(answer) as { index?: Record<string, Record<string, boolean>> };
  const writable = Object.entries(granted).find(([, privileges]) => Object.values(privileges).includes(true));
  if (writable === undefined) return [];
  return [
    `connection ${connection}: its credentials could write, as to ${writable[0]}; use ones that may only read`,
  ];
}

/** Some of the indices that the credentials may see: an API key may not ask for its own privileges. */
async function visibleIndices(client: ElasticsearchClient, connection: string): Promise<string[]> {
  const request = { method: 'GET', path: '/_resolve/index/*', asked: { connection } } as const;
  const answer = await client.ask(request).catch((error: unknown) => {
    if (error instanceof BackhaulError && error.code === 'source_permission') return '{}';
    throw error;
  });
  const { indices = [] } = JSON.parse(answer) as { indices?: { name: string }[] };
  return indices.slice(0, MAX_INDICES).map(({ name }) => name);
}
