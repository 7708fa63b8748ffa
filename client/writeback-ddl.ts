import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import {
  WRITEBACK_FOLDER,
  writebackColumns,
  writebackPartitions,
  writebackTables,
  type WritebackColumn,
  type WritebackTable,
  type WritebackType,
} from '../vocabulary/writeback.ts';

export const writebackEngines = ['bigquery', 'snowflake', 'databricks', 'redshift'] as const;
export type WritebackEngine = (typeof writebackEngines)[number];

/**
 * The statements that make two external tables of what is written back, for a person to copy: names in capitals between angle
 * brackets, such as `<DATASET>`, are theirs to fill in.
 *
 * @param location of the blobs, as BACKHAUL_BLOBS has it
 * @throws usage when the engine cannot read from there
 */
export function externalTables(engine: WritebackEngine, location: string): string[] {
  const folder = `${baseOf(engine, location)}/${WRITEBACK_FOLDER}`;
  return statementsOf[engine](folder);
}

/** Which schemes an engine reads, and how it writes them. Databricks alone reads files, for a try on one machine. */
const schemes: Readonly<Record<WritebackEngine, Readonly<Record<string, string>>>> = {
  bigquery: { 'gs:': 'gs://' },
  snowflake: { 's3:': 's3://', 'gs:': 'gcs://' },
  databricks: { 's3:': 's3://', 'gs:': 'gs://', 'file:': 'file://' },
  redshift: { 's3:': 's3://' },
};

function baseOf(engine: WritebackEngine, location: string): string {
  const known = schemes[engine];
  const url = URL.canParse(location) ? new URL(location) : null;
  const scheme = known[url?.protocol ?? ''];
  if (url === null || scheme === undefined) {
    const wanted = Object.keys(known).map((protocol) => `${protocol}//`);
    throw new BackhaulError('usage', `${engine} reads from ${wanted.join(', ')}; name such a --location`);
  }
  // What stands behind a question mark says how Backhaul gets there.
  return `${scheme}${url.hostname}${url.pathname}`.replace(/\/+$/, '');
}

const statementsOf: Readonly<Record<WritebackEngine, (folder: string) => string[]>> = {
  bigquery: (folder) => writebackTables.map((table) => bigQueryTable(folder, table)),
  snowflake: (folder) => [snowflakeStage(folder), ...writebackTables.map(snowflakeTable)],
  databricks: (folder) => writebackTables.flatMap((table) => databricksTable(folder, table)),
  redshift: (folder) => writebackTables.flatMap((table) => redshiftTable(folder, table)),
};

type Types = Readonly<Record<WritebackType, string>>;

const listed = (
  columns: readonly WritebackColumn[],
  types: Types,
  quoted: (name: string) => string,
): string => columns.map(({ name, type }) => `  ${quoted(name)} ${types[type]}`).join(',\n');

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const backticked = (name: string): string => `\`${name}\``;
const asItIs = (name: string): string => name;

/** https://cloud.google.com/bigquery/docs/hive-partitioned-queries */
const bigQueryTypes: Types = {
  text: 'STRING',
  integer: 'INT64',
  bigint: 'INT64',
  boolean: 'BOOL',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  json: 'STRING',
};

const bigQueryTable = (folder: string, table: WritebackTable): string =>
  `CREATE OR REPLACE EXTERNAL TABLE \`<DATASET>.backhaul_${table}\` (
${listed(writebackColumns[table], bigQueryTypes, backticked)}
)
WITH PARTITION COLUMNS (
${listed(writebackPartitions, bigQueryTypes, backticked)}
)
OPTIONS (
  format = 'PARQUET',
  uris = ['${folder}/${table}/*'],
  hive_partition_uri_prefix = '${folder}/${table}'
)`;

/** https://docs.snowflake.com/en/sql-reference/sql/create-external-table */
const snowflakeTypes: Types = {
  text: 'VARCHAR',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_NTZ',
  date: 'DATE',
  json: 'VARCHAR',
};

const snowflakeStage = (folder: string): string =>
  `CREATE STAGE IF NOT EXISTS backhaul_writeback
  URL = ${text(`${folder}/`)}
  STORAGE_INTEGRATION = <INTEGRATION>
  FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)`;

function snowflakeTable(table: WritebackTable): string {
  const partition = ({ name, type }: WritebackColumn): string => {
    const value = `REGEXP_SUBSTR(METADATA$FILENAME, '${name}=([^/]+)/', 1, 1, 'e', 1)`;
    return `  ${name} ${snowflakeTypes[type]} AS (${type === 'date' ? `TO_DATE(${value})` : value})`;
  };
  const column = ({ name, type }: WritebackColumn): string =>
    `  ${name} ${snowflakeTypes[type]} AS (VALUE:${name}::${snowflakeTypes[type]})`;
  const partitions = writebackPartitions.map(({ name }) => name).join(', ');
  return `CREATE OR REPLACE EXTERNAL TABLE backhaul_${table} (
${[...writebackPartitions.map(partition), ...writebackColumns[table].map(column)].join(',\n')}
)
PARTITION BY (${partitions})
LOCATION = @backhaul_writeback/${table}/
AUTO_REFRESH = FALSE
PATTERN = '.*[.]parquet'
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)`;
}

/** https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-create-table-using */
const databricksTypes: Types = {
  text: 'STRING',
  integer: 'INT',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  json: 'STRING',
};

const databricksTable = (folder: string, table: WritebackTable): string[] => [
  `CREATE TABLE backhaul_${table} (
${listed([...writebackColumns[table], ...writebackPartitions], databricksTypes, backticked)}
)
USING PARQUET
PARTITIONED BY (${writebackPartitions.map(({ name }) => backticked(name)).join(', ')})
LOCATION ${text(`${folder}/${table}`)}`,
  `MSCK REPAIR TABLE backhaul_${table}`,
];

/** https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_TABLE.html; 65,535 bytes is the longest that a VARCHAR may be. */
const redshiftTypes: Types = {
  text: 'VARCHAR(65535)',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
  json: 'VARCHAR(65535)',
};
/** A partition of text is a name of a sync: at most 100 characters. */
const redshiftPartitionTypes: Types = { ...redshiftTypes, text: 'VARCHAR(100)' };

const redshiftTable = (folder: string, table: WritebackTable): string[] => [
  `CREATE EXTERNAL TABLE <EXTERNAL_SCHEMA>.backhaul_${table} (
${listed(writebackColumns[table], redshiftTypes, asItIs)}
)
PARTITIONED BY (
${listed(writebackPartitions, redshiftPartitionTypes, asItIs)}
)
STORED AS PARQUET
LOCATION ${text(`${folder}/${table}/`)}`,
  `ALTER TABLE <EXTERNAL_SCHEMA>.backhaul_${table} ADD IF NOT EXISTS
  PARTITION (sync = '<SYNC>', run_date = '<YYYY-MM-DD>')
  LOCATION ${text(`${folder}/${table}/sync=<SYNC>/run_date=<YYYY-MM-DD>/`)}`,
];
