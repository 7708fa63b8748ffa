import { mkdir, statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../vocabulary/errors.ts';

export interface DuckDb {
  /** Folder that DuckDB may read and write; nothing outside it is reachable. */
  scratch: string;
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

export interface DuckDbOptions {
  scratch: string;
  /** Above it DuckDB spills to scratch. Less memory, more disk. @default 256 */
  memoryLimitMb?: number;
  /** More: a plan is made faster, with more memory for each. @default as many as the machine has, at most 4 */
  threads?: number | undefined;
}

export const DEFAULT_MEMORY_LIMIT_MB = 256;
const MAX_THREADS = 4;
/** With less room than this, a failure of DuckDB is taken for a full disk. */
const FULL_DISK_BYTES = 32_000_000;

/** One engine a process: its memory limit then bounds all activities together. */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  const spill = join(options.scratch, 'spill');
  await mkdir(spill, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads ?? Math.min(MAX_THREADS, availableParallelism())),
    memory_limit: `${options.memoryLimitMb ?? DEFAULT_MEMORY_LIMIT_MB}MB`,
    temp_directory: spill,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`set allowed_directories = [${quote(options.scratch)}]`);
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
  connection.closeSync();
  return {
    scratch: options.scratch,
    connect: () => instance.connect(),
    close: () => instance.closeSync(),
  };
}

/** Gives work a connection of its own, whose temporary tables go with it. */
export async function withConnection<T>(
  duckdb: DuckDb,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await duckdb.connect();
  try {
    return await work(connection);
  } catch (error) {
    if (error instanceof EngineError) throw await backhaulError(duckdb, error);
    throw error;
  } finally {
    connection.closeSync();
  }
}

/** What DuckDB itself failed with, apart from what failed around it (the source, the blobs). */
class EngineError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, cause: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

export interface QueryOptions {
  /** What a failure means, unless the disk is full. @default 'engine_failed' */
  errorCode?: ErrorCode;
}

export async function execute(connection: DuckDBConnection, sql: string): Promise<void> {
  await queryRows(connection, sql);
}

export async function queryRows(
  connection: DuckDBConnection,
  sql: string,
  { errorCode = 'engine_failed' }: QueryOptions = {},
): Promise<Record<string, DuckDBValue>[]> {
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjects();
  } catch (error) {
    throw new EngineError(errorCode, error);
  }
}

/** The one row of a query, as numbers. */
export async function countsOf<Name extends string>(
  connection: DuckDBConnection,
  sql: string,
  names: readonly Name[],
  options: QueryOptions = {},
): Promise<Record<Name, number>> {
  const [row] = await queryRows(connection, sql, options);
  return Object.fromEntries(names.map((name) => [name, Number(row?.[name] ?? 0)])) as Record<Name, number>;
}

/** An SQL string literal. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const quoteList = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`;

/** DuckDB's text may quote a line of the spool, and it has no code: none of it is passed on or looked at. */
async function backhaulError(duckdb: DuckDb, error: EngineError): Promise<BackhaulError> {
  const { bavail, bsize } = await statfs(duckdb.scratch);
  const code = bavail * bsize < FULL_DISK_BYTES ? 'scratch_full' : error.code;
  return new BackhaulError(code, '', { cause: error.cause });
}
