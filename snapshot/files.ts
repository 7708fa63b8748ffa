import { MAX_LINE_BYTES } from '../vocabulary/spool.ts';
import { quoteList } from './duckdb.ts';

/** DuckDB reads text in blocks of this size, one a thread. */
const READ_BUFFER_BYTES = 4_000_000;
/** Room that an index line needs beside the key. */
const INDEX_OVERHEAD_BYTES = 128;
/** A key of several parts writes a slash in three characters. */
const KEY_GROWTH = 3;

/** Form feed and vertical tab are escaped in the spool, so with them as delimiter and null a line is one value. */
const FORM_FEED = '\f';
const VERTICAL_TAB = '\v';
/** How an empty line is written for DuckDB, which passes over a bare one. It comes back as null. */
export const EMPTY_LINE = VERTICAL_TAB;

/** Lines of the spool, as they stand, in one column `line`: DuckDB parses nothing. An empty line is null. */
export const spoolLines = (file: string): string =>
  textFile([file], FORM_FEED, { line: 'VARCHAR' }, MAX_LINE_BYTES);

/** The index of pages: which message carries which change. One line a message, written by `map`. */
export const indexLines = (files: readonly string[]): string =>
  textFile(
    files,
    '\t',
    { page: 'INTEGER', position: 'INTEGER', k: 'VARCHAR', fh: 'UBIGINT', fl: 'UBIGINT', seq: 'BIGINT' },
    MAX_LINE_BYTES * KEY_GROWTH + INDEX_OVERHEAD_BYTES,
  );

export const parquet = (files: readonly string[]): string => `read_parquet(${quoteList(files)})`;

/** A state with no entry, for the first run. */
export const NO_STATE = `(select null::varchar as k, null::ubigint as fh, null::ubigint as fl, null::bigint as seq,
  null::boolean as gone, null::ubigint as doubt_fh, null::ubigint as doubt_fl, null::bigint as doubt_seq,
  null::bigint as doubt_run where false)`;

function textFile(
  files: readonly string[],
  delimiter: string,
  columns: Record<string, string>,
  maxLineBytes: number,
): string {
  const types = Object.entries(columns).map(([name, type]) => `'${name}': '${type}'`);
  return `read_csv(${quoteList(files)}, auto_detect = false, header = false, delim = '${delimiter}', quote = '',
    escape = '', comment = '', new_line = '\\n', nullstr = '${VERTICAL_TAB}', max_line_size = ${maxLineBytes + 1},
    buffer_size = ${READ_BUFFER_BYTES}, columns = {${types.join(', ')}})`;
}
