import type { ResolvedWarehouseConnection } from '../definitions/connection.ts';
import type { Source, SourceContext } from './source.ts';

/** Opens a warehouse. Connects to nothing yet, and loads the client of this warehouse only. */
export async function openSource(
  name: string,
  connection: ResolvedWarehouseConnection,
  context: SourceContext,
): Promise<Source> {
  switch (connection.type) {
    case 'postgres':
      return (await import('./postgres/open-postgres.ts')).openPostgres(name, connection, context);
    case 'redshift':
      return (await import('./redshift/open-redshift.ts')).openRedshift(name, connection, context);
    case 'bigquery':
      return (await import('./bigquery/open-bigquery.ts')).openBigQuery(name, connection, context);
    case 'snowflake':
      return (await import('./snowflake/open-snowflake.ts')).openSnowflake(name, connection, context);
    case 'databricks':
      return (await import('./databricks/open-databricks.ts')).openDatabricks(name, connection, context);
    case 'elasticsearch':
      return (await import('./elasticsearch/open-elasticsearch.ts')).openElasticsearch(
        name,
        connection,
        context,
      );
    case 'google_sheets':
      return (await import('./google-sheets/open-google-sheets.ts')).openGoogleSheets(
        name,
        connection,
        context,
      );
    case 'mysql':
      return (await import('./mysql/open-mysql.ts')).openMysql(name, connection, context);
    case 'rockset':
      return (await import('./rockset/open-rockset.ts')).openRockset(name, connection, context);
  }
}
