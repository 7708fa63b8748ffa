import type { ResolvedRocksetConnection } from '../../definitions/rockset-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Source, SourceContext } from '../source.ts';

export function openRockset(
  name: string,
  _connection: ResolvedRocksetConnection,
  _context: SourceContext,
): Source {
  throw new BackhaulError('not_available_yet', `connection ${name}`);
}
