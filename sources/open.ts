import type { ResolvedConnection } from '../definitions/references.ts';
import { openPostgres } from './postgres/open-postgres.ts';
import type { Source } from './source.ts';

/** Opens a warehouse. Connects to nothing yet. */
export async function openSource(
  name: string,
  connection: Exclude<ResolvedConnection, { type: 'segment' }>,
): Promise<Source> {
  switch (connection.type) {
    case 'postgres':
      return openPostgres(name, connection);
  }
}
