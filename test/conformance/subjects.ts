import { startBigQueryService } from './bigquery-service.ts';
import { startDatabricks } from './databricks-service.ts';
import { startElasticsearch } from './elasticsearch-service.ts';
import { startGoogleSheets } from './google-sheets-service.ts';
import { startMysql } from './mysql-service.ts';
import { startPostgres } from './postgres-service.ts';
import { startRedshiftService } from './redshift-service.ts';
import { startSnowflake } from './snowflake-service.ts';
import type { Subject } from './subject.ts';

/** Every source, in the order in which they are measured. */
export const subjects: readonly Subject[] = [
  { type: 'postgres', start: startPostgres },
  { type: 'mysql', start: startMysql },
  { type: 'redshift', start: () => startRedshiftService('cursor') },
  { type: 'bigquery', start: startBigQueryService },
  { type: 'snowflake', start: startSnowflake },
  { type: 'google_sheets', start: startGoogleSheets },
  { type: 'elasticsearch', start: startElasticsearch },
  { type: 'databricks', start: startDatabricks },
];
