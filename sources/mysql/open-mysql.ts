import type { ResolvedMysqlConnection } from '../../definitions/mysql-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Source, SourceContext } from '../source.ts';

export function openMysql(
  name: string,
  _connection: ResolvedMysqlConnection,
  _context: SourceContext,
): Source {
  throw new BackhaulError('not_available_yet', `connection ${name}`);
}
