import type { ResolvedGoogleSheetsConnection } from '../../definitions/google-sheets-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Source, SourceContext } from '../source.ts';

export function openGoogleSheets(
  name: string,
  _connection: ResolvedGoogleSheetsConnection,
  _context: SourceContext,
): Source {
  throw new BackhaulError('not_available_yet', `connection ${name}`);
}
