import type { ResolvedElasticsearchConnection } from '../../definitions/elasticsearch-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Source, SourceContext } from '../source.ts';

export function openElasticsearch(
  name: string,
  _connection: ResolvedElasticsearchConnection,
  _context: SourceContext,
): Source {
  throw new BackhaulError('not_available_yet', `connection ${name}`);
}
