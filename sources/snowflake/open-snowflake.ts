import type { ResolvedSnowflakeConnection } from '../../definitions/snowflake-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Source, SourceContext } from '../source.ts';

export function openSnowflake(
  name: string,
  _connection: ResolvedSnowflakeConnection,
  _context: SourceContext,
): Source {
  throw new BackhaulError('not_available_yet', `connection ${name}`);
}
