import { execute, quote, withConnection, type DuckDb } from '../snapshot/duckdb.ts';
import {
  WRITEBACK_VERSION,
  writebackColumns,
  type WritebackTable,
  type WritebackType,
} from '../vocabulary/writeback.ts';

/** Of a row group, which DuckDB holds in memory while it writes it. */
const ROW_GROUP = "row_group_size 20480, row_group_size_bytes '16MB'";
/** A message of 32 KB, each of its quotes doubled, beside a key of 32 KB that is doubled too. */
const MAX_LINE_BYTES = 262_144;
const READ_BUFFER_BYTES = 4_000_000;

const types: Readonly<Record<WritebackType, string>> = {
  text: 'VARCHAR',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMPTZ',
  date: 'DATE',
  json: 'VARCHAR',
};

/**
 * Lines of CSV → a Parquet file that every engine reads: Snappy, since Redshift Spectrum does not name Zstandard among what it takes
 * (https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-data-files.html), and timestamps in microseconds of UTC. Table and version
 * stand in the file's own metadata.
 */
export async function writeParquet(
  duckdb: DuckDb,
  { csv, file, table }: { table: WritebackTable; csv: string; file: string },
): Promise<void> {
  const columns = writebackColumns[table].map(({ name, type }) => `'${name}': '${types[type]}'`);
  await withConnection(duckdb, (connection) =>
    execute(
      connection,
      `copy (
         select * from read_csv(${quote(csv)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
           new_line = '\\n', nullstr = '', allow_quoted_nulls = false, parallel = false, max_line_size = ${MAX_LINE_BYTES},
           buffer_size = ${READ_BUFFER_BYTES}, columns = {${columns.join(', ')}})
       ) to ${quote(file)} (format parquet, compression snappy, ${ROW_GROUP},
         kv_metadata {'backhaul.table': ${quote(table)}, 'backhaul.version': ${quote(String(WRITEBACK_VERSION))}})`,
    ),
  );
}
