import { durationMs } from '../../definitions/duration.ts';
import type { ResolvedSnowflakeConnection } from '../../definitions/snowflake-connection.ts';
import { numberOf } from './errors.ts';

/** In megabytes; the smallest that Snowflake takes everywhere. A read goes on behind the last whole chunk. */
const CHUNK_MEGABYTES = 48;
const MOMENT = 'YYYY-MM-DD HH24:MI:SS.FF9';

/**
 * All that an account or a user may set by default and that would change what a model returns, or how much of it.
 * https://docs.snowflake.com/en/sql-reference/parameters
 */
function sessionSettings(connection: ResolvedSnowflakeConnection): [name: string, written: string][] {
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
    TIMESTAMP_DAY_IS_ALWAYS_24H: false,
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
  return Object.entries(settings).map(([name, value]) => [name, `${name} = ${literal(value)}`]);
}

/**
 * Pins them in one statement. Where Snowflake refuses it, one after the other, and a parameter that the account does not have is left out:
 * it cannot be set to anything there.
 */
export async function pinSettings(
  connection: ResolvedSnowflakeConnection,
  run: (sql: string) => Promise<readonly unknown[]>,
): Promise<void> {
  const settings = sessionSettings(connection);
  try {
    await run(`alter session set ${settings.map(([, written]) => written).join(' ')}`);
  } catch (error) {
    if (!isRefusedStatement(error)) throw error;
    for (const [name, written] of settings) await pin(name, written, run);
  }
  // Else every role of the user would count beside the one that the connection names.
  await run('use secondary roles none');
}

async function pin(
  name: string,
  written: string,
  run: (sql: string) => Promise<readonly unknown[]>,
): Promise<void> {
  try {
    await run(`alter session set ${written}`);
  } catch (error) {
    if (!isRefusedStatement(error)) throw error;
    if ((await run(`show parameters like ${quoteText(name)} in session`)).length > 0) throw error;
  }
}

/** Numbers of what is wrong in a statement begin with 0; those of logins and of the network do not. */
const isRefusedStatement = (error: unknown): boolean => numberOf(error).startsWith('0');

const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoteText(value) : String(value);

export const quoteText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
