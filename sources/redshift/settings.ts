import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { durationMs } from '../../definitions/duration.ts';
import { quoteIdentifier } from '../postgres/select-only.ts';

/**
 * All that shapes a result and can be set by default for a user: the statements that set it back. A session lasts as
 * long as one read.
 * Source: https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
 */
export function pinnedSettings({ searchPath, statementTimeout }: ResolvedRedshiftConnection): string[] {
  return [
    "set timezone to 'UTC'",
    "set datestyle to 'ISO, MDY'",
    "set intervalstyle to 'postgres'",
    'set extra_float_digits to 2',
    'set describe_field_name_in_uppercase to off',
    `set statement_timeout to ${durationMs(statementTimeout)}`,
    // Names the queries in STL_QUERY and SYS_QUERY_HISTORY, and lets a queue of the workload manager take them.
    "set query_group to 'backhaul'",
    ...(searchPath === undefined ? [] : [`set search_path to ${schemasOf(searchPath)}`]),
  ];
}

const schemasOf = (searchPath: string): string =>
  searchPath
    .split(',')
    .map((schema) =>
      schema
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .replaceAll('""', '"'),
    )
    .filter((schema) => schema !== '')
    .map((schema) => (schema === '$user' ? "'$user'" : quoteIdentifier(schema)))
    .join(', ');
