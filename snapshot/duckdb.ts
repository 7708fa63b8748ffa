import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

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
}

export const DEFAULT_MEMORY_LIMIT_MB = 256;
const MAX_THREADS = 4;

/** One engine a process: its memory limit then bounds all activities together. */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  const spill = join(options.scratch, 'spill');
  await mkdir(spill, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(Math.min(MAX_THREADS, availableParallelism())),
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

/** Runs work on a connection of its own, whose temporary tables go with it. */
export async function withConnection<T>(
  duckdb: DuckDb,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await duckdb.connect();
  try {
    return await work(connection);
  } catch (error) {
    throw duckDbError(error);
  } finally {
    connection.closeSync();
  }
}

/** The one row of a query, as numbers. */
export async function countsOf<Name extends string>(
  connection: DuckDBConnection,
  sql: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const reader = await connection.runAndReadAll(sql);
  const row: Record<string, DuckDBValue> | undefined = reader.getRowObjects()[0];
  return Object.fromEntries(names.map((name) => [name, Number(row?.[name] ?? 0)])) as Record<Name, number>;
}

/** An SQL string literal. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const quoteList = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`;

/** DuckDB's text may quote a line of the spool, so none of it is passed on. */
function duckDbError(error: unknown): BackhaulError {
  if (error instanceof BackhaulError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOSPC') return new BackhaulError('scratch_full', '', { cause: error });
  return new BackhaulError('row_unreadable', 'DuckDB', { cause: error });
}
