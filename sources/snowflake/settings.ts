import { durationMs } from '../../definitions/duration.ts';
import type { ResolvedSnowflakeConnection } from '../../definitions/snowflake-connection.ts';

/** In megabytes; the smallest that Snowflake takes everywhere. A read goes on behind the last whole chunk. */
const CHUNK_MEGABYTES = 48;
const MOMENT = 'YYYY-MM-DD HH24:MI:SS.FF9';

/**
 * All that an account or a user may set by default and that would change what a model returns, or how much of it.
 * https://docs.snowflake.com/en/sql-reference/parameters
 */
export function sessionSettings(connection: ResolvedSnowflakeConnection): string[] {
  const settings: Readonly<Record<string, string | number | boolean>> = {
    ABORT_DETACHED_QUERY: false,
    AUTOCOMMIT: true,
    BINARY_INPUT_FORMAT: 'HEX',
    BINARY_OUTPUT_FORMAT: 'HEX',
    CLIENT_RESULT_CHUNK_SIZE: CHUNK_MEGABYTES,
    DATE_INPUT_FORMAT: 'AUTO',
    DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
    GEOGRAPHY_OUTPUT_FORMAT: 'GeoJSON',
    GEOMETRY_OUTPUT_FORMAT: 'GeoJSON',
    JSON_INDENT: 0,
    MULTI_STATEMENT_COUNT: 1,
    QUERY_TAG: connection.queryTag ?? 'backhaul',
    QUOTED_IDENTIFIERS_IGNORE_CASE: false,
    ROWS_PER_RESULTSET: 0,
    STATEMENT_TIMEOUT_IN_SECONDS: Math.ceil(durationMs(connection.statementTimeout) / 1000),
    STRICT_JSON_OUTPUT: true,
    TIMESTAMP_INPUT_FORMAT: 'AUTO',
    TIMESTAMP_LTZ_OUTPUT_FORMAT: `${MOMENT} TZHTZM`,
    TIMESTAMP_NTZ_OUTPUT_FORMAT: MOMENT,
    TIMESTAMP_OUTPUT_FORMAT: `${MOMENT} TZHTZM`,
    TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_NTZ',
    TIMESTAMP_TZ_OUTPUT_FORMAT: `${MOMENT} TZHTZM`,
    TIMEZONE: 'UTC',
    TIME_INPUT_FORMAT: 'AUTO',
    TIME_OUTPUT_FORMAT: 'HH24:MI:SS.FF9',
    TWO_DIGIT_CENTURY_START: 1970,
    WEEK_OF_YEAR_POLICY: 0,
    WEEK_START: 0,
  };
  const written = Object.entries(settings).map(([name, value]) => `${name} = ${literal(value)}`);
  return [
    `alter session set ${written.join(' ')}`,
    // Else every role of the user would count beside the one that the connection names.
    'use secondary roles none',
  ];
}

const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoteText(value) : String(value);

export const quoteText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
