import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { durationMs } from '../definitions/duration.ts';
import type { ResolvedPostgresConnection } from '../definitions/postgres-connection.ts';
import { connect } from '../sources/postgres/connect.ts';
import { postgresError } from '../sources/postgres/errors.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { WRITEBACK_VERSION, writebackTables, type Line, type WrittenRun } from '../vocabulary/writeback.ts';
import { tableColumns, tableText } from './lines.ts';
import { commentOf, createTable, indexes, qualified } from './postgres-tables.ts';

export interface PostgresWriteback {
  /** The connection's name, for errors. */
  name: string;
  connection: ResolvedPostgresConnection;
  schema: string;
  /** Older runs of the sync are deleted. Null: none. */
  keepMs: number | null;
  run: WrittenRun;
  runLine: (rows: number) => Line;
  /** The lines of `rows`. */
  lines: AsyncIterable<readonly Line[]>;
  signal: AbortSignal;
}

/**
 * A run → tables of its own, in one transaction: whole or not at all. What the tables hold of the run already is replaced, so writing it
 * twice is writing it once.
 *
 * @returns how many lines of `rows` there are
 */
export async function writePostgres(writeback: PostgresWriteback): Promise<number> {
  const { connection, name, schema } = writeback;
  try {
    const session = await connect(connection, 'prefer');
    // A connection that breaks is reported by the query under way.
    session.on('error', () => undefined);
    try {
      await session.query('begin');
      await session.query(`set local statement_timeout = ${durationMs(connection.statementTimeout)}`);
      await session.query("set local client_encoding = 'UTF8'");
      for (const setting of KEEP_ALIVE) await session.query(`set local ${setting}`);
      await prepareTables(session, writeback);
      const rows = await replaceRun(session, writeback);
      await session.query('commit');
      return rows;
    } finally {
      await session.end().catch(() => undefined);
    }
  } catch (error) {
    throw writebackError(`connection ${name}, schema ${schema}`, name, error);
  }
}

/** One at a time: `create … if not exists` races with itself. Tables of somebody else are left alone. */
async function prepareTables(session: pg.Client, { name, schema }: PostgresWriteback): Promise<void> {
  await lock(session, `backhaul writeback ${schema}`);
  const { rowCount } = await session.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (rowCount === 0) await session.query(`create schema ${pg.escapeIdentifier(schema)}`);
  for (const table of writebackTables) {
    const { rows } = await session.query<{ comment: string | null }>(
      `select obj_description(pg_class.oid, 'pg_class') as comment
       from pg_class join pg_namespace on pg_namespace.oid = relnamespace where nspname = $1 and relname = $2`,
      [schema, table],
    );
    const [found] = rows;
    if (found === undefined) {
      for (const statement of createTable(schema, table)) await session.query(statement);
    } else if (found.comment !== commentOf(table)) {
      const where = `connection ${name}, table ${schema}.${table}, wanted version ${WRITEBACK_VERSION}`;
      throw new BackhaulError('writeback_tables_foreign', where);
    }
  }
  for (const statement of indexes(schema)) await session.query(statement);
}

async function replaceRun(session: pg.Client, writeback: PostgresWriteback): Promise<number> {
  const { keepMs, lines, run, runLine, schema, signal } = writeback;
  const [runs, rows] = [qualified(schema, 'runs'), qualified(schema, 'rows')];
  await lock(session, `backhaul writeback ${run.id}`);
  await session.query(`delete from ${rows} where run_id = $1`, [run.id]);
  await session.query(`delete from ${runs} where run_id = $1`, [run.id]);
  let count = 0;
  async function* rowsText(): AsyncGenerator<string> {
    for await (const some of lines) {
      if (some.length === 0) continue;
      count += some.length;
      yield tableText('rows', run, some);
    }
  }
  await copyIn(session, rows, 'rows', rowsText(), signal);
  await copyIn(session, runs, 'runs', [tableText('runs', run, [runLine(count)])], signal);
  if (keepMs !== null) {
    const old = `sync = $1 and started_at < now() - make_interval(secs => $2)`;
    const values = [run.sync, keepMs / 1000];
    await session.query(
      `delete from ${rows} where run_id in (select run_id from ${runs} where ${old})`,
      values,
    );
    await session.query(`delete from ${runs} where ${old}`, values);
  }
  return count;
}

async function copyIn(
  session: pg.Client,
  target: string,
  table: (typeof writebackTables)[number],
  text: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  const columns = tableColumns(table).map(({ name }) => pg.escapeIdentifier(name));
  const copy = session.query(copyFrom(`copy ${target} (${columns.join(', ')}) from stdin (format csv)`));
  await pipeline(Readable.from(text), copy, { signal });
}

/**
 * A session whose host is gone holds its locks until the server notices, by default after two hours: now within a minute.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html#RUNTIME-CONFIG-TCP-SETTINGS
 */
const KEEP_ALIVE = ['tcp_keepalives_idle = 30', 'tcp_keepalives_interval = 10', 'tcp_keepalives_count = 3'];

/** Until the end of the transaction. */
const lock = (session: pg.Client, what: string) =>
  session.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [what]);

const QUERY_CANCELED = '57014';
const LOCK_NOT_AVAILABLE = '55P03';

/** What a connection fails with is told in the words of reading; here it is told in those of writing. */
function writebackError(where: string, connection: string, error: unknown): unknown {
  if (error instanceof BackhaulError) return error;
  const { code } = error as { code?: unknown };
  const isOfPostgres = typeof code === 'string' && /^([0-9A-Z]{5}|E[A-Z_]+)$/.test(code);
  if (!isOfPostgres && !(error instanceof Error)) return error;
  if ((error as Error).name === 'AbortError') return error;
  const { entry } = postgresError(connection, error);
  const text = isOfPostgres ? `${where}, ${code}` : where;
  // Whoever holds the lock may be gone next time; of a model's query the same would be a person's to mend.
  const timedOut = code === QUERY_CANCELED || code === LOCK_NOT_AVAILABLE;
  return new BackhaulError(
    entry.retryable || timedOut ? 'writeback_unavailable' : 'writeback_refused',
    text,
    {
      cause: error,
    },
  );
}
