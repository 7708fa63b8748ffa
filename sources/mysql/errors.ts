import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import { NO_TLS } from './connect.ts';
import { missingGrant } from './missing-grant.ts';
import { isPlainName } from './plain-name.ts';
import { lineAndColumn } from './select-only.ts';

/**
 * Error numbers of MySQL, and of MariaDB where they begin with 19 or 4:
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-codes/
 */
const byNumber: Readonly<Record<number, ErrorCode>> = {
  1045: 'source_credentials',
  1130: 'source_credentials',
  1251: 'source_credentials',
  1698: 'source_credentials',
  1820: 'source_credentials',
  1862: 'source_credentials',
  3118: 'source_credentials',
  4151: 'source_credentials',
  1046: 'source_database_missing',
  1049: 'source_database_missing',
  1044: 'source_permission',
  1142: 'source_permission',
  1143: 'source_permission',
  1227: 'source_permission',
  1370: 'source_permission',
  1064: 'source_syntax',
  1149: 'source_syntax',
  1109: 'source_table_missing',
  1146: 'source_table_missing',
  1054: 'source_column_missing',
  1060: 'duplicate_column',
  1290: 'not_a_select',
  1792: 'not_a_select',
  1969: 'source_timeout',
  3024: 'source_timeout',
  1412: 'source_changed',
  1153: 'source_row_too_large',
  1021: 'source_busy',
  1037: 'source_busy',
  1038: 'source_busy',
  1040: 'source_busy',
  1041: 'source_busy',
  1135: 'source_busy',
  1461: 'source_busy',
  1114: 'source_busy',
  1203: 'source_busy',
  1205: 'source_busy',
  1226: 'source_busy',
  1053: 'source_interrupted',
  1077: 'source_interrupted',
  1152: 'source_interrupted',
  1158: 'source_interrupted',
  1159: 'source_interrupted',
  1160: 'source_interrupted',
  1161: 'source_interrupted',
  1184: 'source_interrupted',
  1213: 'source_interrupted',
  1317: 'source_interrupted',
  1927: 'source_interrupted',
  2013: 'source_interrupted',
  4031: 'source_interrupted',
  1129: 'source_unreachable',
  3159: 'source_tls',
};
const byClient: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'source_host_unknown',
  EAI_AGAIN: 'source_unreachable',
  ECONNREFUSED: 'source_unreachable',
  ETIMEDOUT: 'source_unreachable',
  ECONNRESET: 'source_interrupted',
  EPIPE: 'source_interrupted',
  PROTOCOL_CONNECTION_LOST: 'source_interrupted',
  AUTH_SWITCH_PLUGIN_ERROR: 'source_credentials',
  MYSQL_CLEAR_PASSWORD_NOT_ENABLED: 'source_credentials',
  HANDSHAKE_SSL_ERROR: 'source_tls',
  [NO_TLS]: 'source_tls',
};
/** Their messages name what is not there, of the model's own words. */
const NAMING: readonly number[] = [1054, 1060, 1109, 1146];

/** A statement of ours, and where in it the SELECT of a model begins. */
export interface Wrapped {
  model: string;
  sql: string;
  statement: string;
  before: number;
}

/** An error of mysql2 by its number. The server's text is left out, but for names: it may quote a value. */
export function mysqlError(
  connection: string,
  error: unknown,
  { account, wrapped }: { account?: string; wrapped?: Wrapped } = {},
): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const { code, errno, message, sqlState } = error as {
    code?: unknown;
    errno?: unknown;
    message?: unknown;
    sqlState?: unknown;
  };
  const said = typeof message === 'string' ? message : '';
  const number = typeof errno === 'number' && errno > 0 ? errno : null;
  const grant = number === null ? null : missingGrant(number, said, account);
  const quoted = number !== null && NAMING.includes(number) ? /'([^']*)'/.exec(said)?.[1] : undefined;
  const name = quoted !== undefined && mayShow(quoted, wrapped) ? quoted : undefined;
  const place = number === 1064 && wrapped !== undefined ? placeIn(wrapped, said) : null;
  const parts = [
    `connection ${connection}`,
    ...(wrapped === undefined ? [] : [`model ${wrapped.model}`]),
    ...(place === null ? [] : [place]),
    ...(name === undefined ? [] : [`"${name}"`]),
    ...(number === null
      ? typeof code === 'string'
        ? [code]
        : []
      : [
          `error ${number}${typeof sqlState === 'string' && /^[0-9A-Z]{5}$/.test(sqlState) ? `, SQLSTATE ${sqlState}` : ''}`,
        ]),
    ...(grant === null ? [] : [`run: ${grant}`]),
  ];
  return new BackhaulError(codeOf(number, code, error), parts.join(', '), { cause: error });
}

/** A word of the model itself, or a name and nothing else. */
const mayShow = (quoted: string, wrapped: Wrapped | undefined): boolean =>
  isPlainName(quoted) || (quoted !== '' && wrapped?.sql.includes(quoted) === true);

function codeOf(number: number | null, code: unknown, error: unknown): ErrorCode {
  if (number !== null) return byNumber[number] ?? 'source_query_failed';
  if (typeof code === 'string') {
    const known = byClient[code];
    if (known !== undefined) return known;
    if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) return 'source_tls';
    return 'source_unreachable';
  }
  return error instanceof Error && 'fatal' in error ? 'source_unreachable' : 'internal';
}

/**
 * The server quotes the statement from the place on, 80 characters at most, and numbers its line. The quote is looked for
 * in the statement, and not shown.
 */
function placeIn({ before, sql, statement }: Wrapped, said: string): string | null {
  const [, near, line] = /near '([^]*)' at line (\d+)$/.exec(said) ?? [];
  if (near === undefined || line === undefined) return null;
  const lines = statement.split('\n').slice(0, Number(line) - 1);
  const lineStart = lines.reduce((length, text) => length + text.length + 1, 0);
  const found = statement.endsWith(near)
    ? statement.length - near.length
    : statement.indexOf(near, Math.min(lineStart, statement.length));
  const at = (found < 0 ? lineStart : found) - before;
  const end = sql.trimEnd().length;
  return lineAndColumn(sql, Math.min(Math.max(at, 0), end));
}
