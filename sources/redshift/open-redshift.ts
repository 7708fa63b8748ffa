import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import type { Source, SourceContext } from '../source.ts';
import { openByDataApi } from './open-by-data-api.ts';
import { openBySession } from './open-by-session.ts';

/** Amazon Redshift, by the way that the connection names. */
export const openRedshift = (
  name: string,
  connection: ResolvedRedshiftConnection,
  context: SourceContext,
): Source =>
  connection.read === 'data_api'
    ? openByDataApi(name, connection, context)
    : openBySession(name, connection, context);
