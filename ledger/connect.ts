import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { reportingPool } from './reporting-pool.ts';
import type { LedgerTables } from './schema.ts';

export type LedgerDatabase = Kysely<LedgerTables>;

export interface Ledger {
  db: LedgerDatabase;
  schema: string;
  close(): Promise<void>;
}

export interface LedgerOptions {
  databaseUrl: string;
  schema?: string | undefined;
  /** Sessions held at most. More let more lanes book at once; PostgreSQL allows 100 by default. @default 10 */
  maxConnections?: number;
}

export const DEFAULT_SCHEMA = 'backhaul';
const DEFAULT_MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** No query of ours takes long: a session that is silent for so long is taken for lost. */
const QUERY_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_DELAY_MS = 10_000;
/** A new session costs many times what a query does; the next question is often a person's, or a scheduler's each minute. */
const IDLE_SESSION_MS = 120_000;
const INT8_OID = 20;
/** Superseding and booking lean on each statement seeing what was committed before it. */
const READ_COMMITTED = '-c default_transaction_isolation=read\\ committed';

/** Opens the ledger; no connection is made before the first query. */
export function openLedger(options: LedgerOptions): Ledger {
  const schema = options.schema ?? DEFAULT_SCHEMA;
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_SESSION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    application_name: 'backhaul',
    options: `-c search_path="${schema}" -c TimeZone=UTC ${READ_COMMITTED} -c idle_in_transaction_session_timeout=60000`,
    types: {
      // Counts stay far below 2^53; pg would hand them over as strings.
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8_OID && format !== 'binary'
          ? Number
          : (pg.types.getTypeParser(oid, format) as unknown)) as typeof pg.types.getTypeParser,
    },
  });
  // An idle session that breaks is replaced at the next query, which reports if that fails too.
  pool.on('error', () => undefined);
  const db = new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool: reportingPool(pool) }) });
  return { db, schema, close: () => db.destroy() };
}

const NOT_MIGRATED = new Set(['42P01', '42703', '3F000']);

/** Any error of a ledger query as one of Backhaul's, without PostgreSQL's text, which may hold values. */
export function ledgerError(error: unknown): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && NOT_MIGRATED.has(code))
    return new BackhaulError('ledger_not_migrated', code);
  return new BackhaulError('ledger_unreachable', typeof code === 'string' ? code : '', { cause: error });
}
