import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Source, SourceContext } from '../source.ts';

export function openRedshift(
  name: string,
  _connection: ResolvedRedshiftConnection,
  _context: SourceContext,
): Source {
  throw new BackhaulError('not_available_yet', `connection ${name}`);
}
