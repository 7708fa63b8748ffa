import pg from 'pg';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../vocabulary/errors.ts';
import { TLS_CODES } from '../tls-codes.ts';
import { lineAndColumn } from './select-only.ts';
import { refusesTls } from './connect.ts';

const byState: Readonly<Record<string, ErrorCode>> = {
  '28P01': 'source_credentials',
  '28000': 'source_credentials',
  '3D000': 'source_database_missing',
  '42501': 'source_permission',
  '42601': 'source_syntax',
  '42P01': 'source_table_missing',
  '3F000': 'source_table_missing',
  '42703': 'source_column_missing',
  '55P03': 'source_busy',
  '57014': 'source_timeout',
  '25006': 'not_a_select',
  '53300': 'source_busy',
  '53200': 'source_busy',
  '40001': 'source_interrupted',
  '40P01': 'source_interrupted',
  '25P03': 'source_interrupted',
  '57P01': 'source_interrupted',
  '57P02': 'source_interrupted',
  '57P03': 'source_unreachable',
  '57P05': 'source_interrupted',
};
const byNetwork: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'source_host_unknown',
  EAI_AGAIN: 'source_unreachable',
  ECONNREFUSED: 'source_unreachable',
  ETIMEDOUT: 'source_unreachable',
  ECONNRESET: 'source_interrupted',
  EPIPE: 'source_interrupted',
};

/** Where the SELECT of a model begins in a statement of ours. */
export interface Wrapped {
  model: string;
  sql: string;
  before: number;
}

/** An error of pg by its SQLSTATE or network code. PostgreSQL's text is left out: it may quote a value. */
export function postgresError(connection: string, error: unknown, wrapped?: Wrapped): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const { code, position } = error as { code?: unknown; position?: unknown };
  const state = typeof code === 'string' && isOwnCode(code, error) ? code : '';
  const parts = [
    `connection ${connection}`,
    ...(wrapped === undefined ? [] : [`model ${wrapped.model}`]),
    ...(wrapped === undefined || typeof position !== 'string' ? [] : [placeOf(wrapped, Number(position))]),
    ...(state === '' ? [] : [state]),
  ];
  return new BackhaulError(codeOf(state, error), parts.join(', '), { cause: error });
}

/** A SQLSTATE, or a code of Node.js: a server may call its error anything. */
const isOwnCode = (code: string, error: unknown): boolean =>
  /^[0-9A-Z]{5}$/.test(code) || (!(error instanceof pg.DatabaseError) && /^[A-Z][A-Z0-9_]{1,60}$/.test(code));

function codeOf(state: string, error: unknown): ErrorCode {
  const known = byState[state] ?? byNetwork[state];
  if (known !== undefined) return known;
  if (TLS_CODES.test(state)) return 'source_tls';
  if (refusesTls(error)) return 'source_tls';
  if (state.startsWith('08')) return 'source_interrupted';
  if (/^[0-9A-Z]{5}$/.test(state)) return 'source_query_failed';
  // pg has no code for a server that closed or never answered.
  return error instanceof Error ? 'source_unreachable' : 'internal';
}

/** What is missing at the end of a model is missed by the server only after it. */
export const placeOf = ({ before, sql }: Wrapped, position: number): string =>
  lineAndColumn(sql, Math.min(Math.max(0, position - 1 - before), [...sql].length));
