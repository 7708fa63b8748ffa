/** What a connection may be to; what each is made of is in `connection.ts`. */
export const connectionTypes = [
  'postgres',
  'redshift',
  'bigquery',
  'snowflake',
  'databricks',
  'elasticsearch',
  'google_sheets',
  'mysql',
  'rockset',
  'segment',
  'webhook',
  'slack',
] as const;
