import type { ResolvedDatabricksConnection } from '../../definitions/databricks-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Source, SourceContext } from '../source.ts';

export function openDatabricks(
  name: string,
  _connection: ResolvedDatabricksConnection,
  _context: SourceContext,
): Source {
  throw new BackhaulError('not_available_yet', `connection ${name}`);
}
