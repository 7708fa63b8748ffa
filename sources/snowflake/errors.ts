import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import { TLS_CODES } from '../tls-codes.ts';

/** Numbers of Snowflake's errors; those of the login begin with 390. */
const byNumber: Readonly<Record<string, ErrorCode>> = {
  '000008': 'not_a_select',
  '000604': 'source_timeout',
  '000630': 'source_timeout',
  '000606': 'source_permission',
  '000612': 'source_result_expired',
  '000666': 'source_suspended',
  '000709': 'source_result_expired',
  '000707': 'source_result_expired',
  '000710': 'source_result_expired',
  '000904': 'source_column_missing',
  '001003': 'source_syntax',
  '002003': 'source_table_missing',
  '002043': 'source_table_missing',
  '003001': 'source_permission',
  '003540': 'source_permission',
  '090073': 'source_quota',
  '390100': 'source_credentials',
  '390101': 'source_credentials',
  '390102': 'source_credentials',
  '390104': 'source_token_expired',
  '390111': 'source_token_expired',
  '390112': 'source_token_expired',
  '390114': 'source_token_expired',
  '390127': 'source_credentials',
  '390144': 'source_credentials',
  '390186': 'source_permission',
  '390189': 'source_permission',
  '390195': 'source_credentials',
  '390303': 'source_credentials',
  '390318': 'source_credentials',
  '390394': 'source_credentials',
  '394302': 'source_clock_skew',
  '394303': 'source_clock_skew',
  '390422': 'source_permission',
  '390432': 'source_permission',
  // The client's own: a private key that it cannot read.
  '404026': 'source_credentials',
};

const byNetwork: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'source_host_unknown',
  EAI_AGAIN: 'source_unreachable',
  ECONNREFUSED: 'source_unreachable',
  EHOSTUNREACH: 'source_unreachable',
  ENETUNREACH: 'source_unreachable',
  ETIMEDOUT: 'source_unreachable',
  ECONNABORTED: 'source_unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'source_unreachable',
  ECONNRESET: 'source_interrupted',
  EPIPE: 'source_interrupted',
  Z_BUF_ERROR: 'source_interrupted',
  Z_DATA_ERROR: 'source_interrupted',
};

/** The SELECT of a model stands behind so many lines of ours. */
export interface Wrapped {
  model: string;
  linesBefore: number;
}

/** As the client gives it, and as an answer of the protocol holds it. */
interface SnowflakeFailure {
  code?: unknown;
  message?: unknown;
  sqlState?: unknown;
  data?: unknown;
  cause?: unknown;
  response?: unknown;
}

/** The number of Snowflake's error, with six digits; '' when it is none of Snowflake's. */
export const numberOf = (error: unknown): string => {
  const { code } = error as SnowflakeFailure;
  return typeof code === 'string' || typeof code === 'number'
    ? /^\d{1,6}$/.test(String(code))
      ? String(code).padStart(6, '0')
      : ''
    : '';
};

/**
 * An error by its number or network code. Of Snowflake's text only the position is taken, and the name of a missing object or column: the
 * rest may quote a value.
 */
export function snowflakeError(connection: string, error: unknown, wrapped?: Wrapped): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const number = numberOf(error);
  const network = networkCode(error);
  const { message, sqlState } = error as SnowflakeFailure;
  const text = typeof message === 'string' ? message : '';
  const code = codeOf(number, network, error);
  const parts = [
    `connection ${connection}`,
    ...(wrapped === undefined ? [] : [`model ${wrapped.model}`, ...placeIn(text, wrapped)]),
    ...namedIn(code, text),
    ...[number || network, typeof sqlState === 'string' ? sqlState : ''].filter((part) => part !== ''),
  ];
  return new BackhaulError(code, parts.join(', '), { cause: error, ...actionFor(code, number) });
}

function codeOf(number: string, network: string, error: unknown): ErrorCode {
  const known = byNumber[number] ?? byNetwork[network];
  if (known !== undefined) return known;
  if (TLS_CODES.test(network)) return 'source_tls';
  if (network.startsWith('UND_ERR')) return 'source_interrupted';
  const status = statusOf(error);
  // Of an account that does not exist Snowflake's front door knows nothing but that.
  if (status === 403 || status === 404) return 'source_host_unknown';
  if (status !== null) return 'source_unreachable';
  if (/^(401|402)\d{3}$/.test(number)) return 'source_unreachable';
  if (/^0\d{5}$|^1\d{5}$/.test(number)) return 'source_query_failed';
  if (number.startsWith('39')) return 'source_credentials';
  return error instanceof Error ? 'source_unreachable' : 'internal';
}

function networkCode(error: unknown): string {
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth += 1) {
    const { code, cause } = at as SnowflakeFailure;
    if (typeof code === 'string' && /^[A-Z][A-Z_\d]+$/.test(code) && !/^ERR_BAD/.test(code)) return code;
    at = cause;
  }
  return '';
}

function statusOf(error: unknown): number | null {
  const { response } = error as SnowflakeFailure;
  const { status, statusCode } = (response ?? {}) as { status?: unknown; statusCode?: unknown };
  const found = statusCode ?? status;
  return typeof found === 'number' ? found : null;
}

/** `line 3 at position 5` and `error line 3 at position 5`; Snowflake counts positions from 0. */
function placeIn(text: string, { linesBefore }: Wrapped): string[] {
  const [, line, position] = /\bline (\d+) at position (-?\d+)/.exec(text) ?? [];
  if (line === undefined || Number(line) <= linesBefore) return [];
  return [`line ${Number(line) - linesBefore}, column ${Math.max(0, Number(position)) + 1}`];
}

function namedIn(code: ErrorCode, text: string): string[] {
  const pattern = {
    source_table_missing: /\b(Object|Schema|Database|Table|View) '([\w.$"]{1,300})' does not exist/i,
    source_column_missing: /\b(invalid identifier) '([\w.$"]{1,300})'/i,
    source_permission: /\bprivileges to operate on (\w+) '([\w.$"]{1,300})'/i,
  }[code as string];
  const [, what, name] = pattern?.exec(text) ?? [];
  return what === undefined || name === undefined ? [] : [`${what.toLowerCase()} ${name}`];
}

function actionFor(code: ErrorCode, number: string): { action?: string } {
  if (number === '002003' || number === '002043') {
    return {
      action:
        'Check the name and its schema. Snowflake says the same of what the role may not see: GRANT USAGE ON DATABASE … , GRANT USAGE ON SCHEMA … and GRANT SELECT ON TABLE … TO ROLE ….',
    };
  }
  if (number === '000666') {
    return { action: 'Let who owns the account renew its trial or contract.' };
  }
  if (number === '000606') {
    return { action: 'Check the name of the warehouse, or GRANT USAGE ON WAREHOUSE … TO ROLE ….' };
  }
  if (number === '390189' || number === '390186') {
    return { action: 'Check the role, or let an administrator run: GRANT ROLE … TO USER ….' };
  }
  if (number === '390422' || number === '390432') {
    return { action: 'Let a network policy of the user or the account admit the address of the worker.' };
  }
  if (code === 'source_permission') {
    return {
      action: 'Let the owner run: GRANT SELECT ON TABLE … TO ROLE …, with USAGE on its database and schema.',
    };
  }
  return {};
}
