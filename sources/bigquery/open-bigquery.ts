import type { ResolvedBigQueryConnection } from '../../definitions/bigquery-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Source, SourceContext } from '../source.ts';

export function openBigQuery(
  name: string,
  _connection: ResolvedBigQueryConnection,
  _context: SourceContext,
): Source {
  throw new BackhaulError('not_available_yet', `connection ${name}`);
}
