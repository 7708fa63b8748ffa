import type { Socket } from 'node:net';
import type { Connection, FieldPacket, QueryError } from 'mysql2';
import { durationMs } from '../../definitions/duration.ts';
import type { ResolvedMysqlConnection } from '../../definitions/mysql-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Address } from './address.ts';
import { connect } from './connect.ts';

/** A row as the server wrote it: text in UTF-8, or NULL. */
export type Row = readonly (Buffer | null)[];

export interface Session {
  /** The id by which the server ends it. */
  id: string;
  /** As the server knows the user: `reader@%`. */
  account: string;
  isMariadb: boolean;
  /** The server's own address. */
  peer: string | undefined;
  rows(sql: string): Promise<Row[]>;
  /** What a SELECT would return; it is prepared and does not run. */
  fields(sql: string): Promise<FieldPacket[]>;
  /** A SELECT whose rows go to `onRow` as they come. */
  stream(sql: string, onRow: (row: Row) => void): Promise<void>;
  pause(): void;
  resume(): void;
  /** Ends it at once; what is under way fails with `reason`. */
  drop(reason: Error): void;
  end(): void;
}

const MAX_GROUP_CONCAT_BYTES = 1_048_576;
/** A reader that stalls for longer loses its connection. */
const STALL_SECONDS = 600;
const METADATA_LOCK_SECONDS = 60;

/** All that shapes a value, or how many rows there are. What a server does not have is left out. */
function pinned(isMariadb: boolean, statementTimeoutMs: number): Record<string, string | number> {
  return {
    // The default of MySQL, in what concerns a SELECT; MariaDB has none.
    sql_mode: isMariadb ? '' : 'ONLY_FULL_GROUP_BY',
    time_zone: '+00:00',
    lc_messages: 'en_US',
    lc_time_names: 'en_US',
    sql_big_selects: 1,
    sql_auto_is_null: 0,
    div_precision_increment: 4,
    default_week_format: 0,
    group_concat_max_len: MAX_GROUP_CONCAT_BYTES,
    lock_wait_timeout: METADATA_LOCK_SECONDS,
    net_write_timeout: STALL_SECONDS,
    wait_timeout: STALL_SECONDS,
    max_execution_time: statementTimeoutMs,
    max_statement_time: statementTimeoutMs / 1_000,
  };
}

/**
 * A session in a read-only transaction that sees one moment of the database, with all that shapes a value pinned, so that
 * the same value has the same fingerprint whoever reads it.
 */
export async function openSession(
  address: Address,
  { statementTimeout }: ResolvedMysqlConnection,
  signal?: AbortSignal,
): Promise<Session> {
  const connection = await connect(address, { ...(signal !== undefined && { signal }) });
  const session = sessionOf(connection);
  try {
    await session.rows('set names utf8mb4');
    // First of all: it would cut what SHOW tells as well.
    await session.rows('set session sql_select_limit = 18446744073709551615');
    const [row = []] = await session.rows('select connection_id(), current_user(), version()');
    const [id = '', account = '', version = ''] = row.map((value) => value?.toString() ?? '');
    const isMariadb = /mariadb/i.test(version);
    await pin(session, pinned(isMariadb, durationMs(statementTimeout)));
    await session.rows('set session transaction isolation level repeatable read');
    await session.rows('start transaction with consistent snapshot, read only');
    return { ...session, id, account, isMariadb, peer: socketOf(connection).remoteAddress };
  } catch (error) {
    session.drop(error as Error);
    throw error;
  }
}

/**
 * A session that is there to end another one.
 *
 * @param peer where that one leads: behind one name, such as that of all replicas, there may be several servers
 */
export async function openPlainSession(
  address: Address,
  peer: string | undefined,
): Promise<Pick<Session, 'rows' | 'end'>> {
  return sessionOf(await connect(address, { ...(peer !== undefined && { peer }) }));
}

type Bare = Omit<Session, 'id' | 'account' | 'isMariadb' | 'peer'>;

/** The typings leave it out. */
const socketOf = (connection: Connection): Socket => (connection as unknown as { stream: Socket }).stream;

async function pin(session: Bare, settings: Record<string, string | number>): Promise<void> {
  const names = Object.keys(settings);
  const list = names.map((name) => `'${name}'`).join(', ');
  const rows = await session.rows(`show session variables where variable_name in (${list})`);
  const known = new Set(rows.map(([name]) => name?.toString().toLowerCase()));
  const set = names
    .filter((name) => known.has(name))
    .map((name) => {
      const value = settings[name] ?? '';
      const isNumber = typeof value === 'number' || /^\d+$/.test(value);
      return `session ${name} = ${isNumber ? value : `'${value}'`}`;
    });
  await session.rows(`set ${set.join(', ')}`);
}

/** What mysql2 does not do: a command fails when its connection is lost or dropped, instead of waiting for ever. */
function sessionOf(connection: Connection): Bare {
  const pending = new Set<(error: Error) => void>();
  let lost: Error | null = null;
  const fail = (error: Error): void => {
    lost ??= error;
    for (const reject of pending) reject(lost);
  };
  connection.on('error', fail);
  const command = <T>(
    run: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (lost !== null) {
        reject(lost);
        return;
      }
      const failed = (error: Error): void => {
        pending.delete(failed);
        reject(error);
      };
      pending.add(failed);
      run((value) => {
        pending.delete(failed);
        resolve(value);
      }, failed);
    });
  /** Values as the server writes them: mysql2 would make numbers and dates of them. */
  const raw = (sql: string) => ({ sql, rowsAsArray: true, typeCast: false });

  return {
    rows: (sql) =>
      command((resolve, reject) => {
        connection.query(raw(sql), (error: QueryError | null, rows: unknown) => {
          if (error === null) resolve(Array.isArray(rows) ? (rows as Row[]) : []);
          else reject(error);
        });
      }),
    fields: (sql) =>
      command((resolve, reject) => {
        connection.prepare(sql, (error, statement) => {
          if (error !== null) {
            reject(error);
            return;
          }
          // The typings leave them out.
          const { columns, parameters } = statement as unknown as Record<
            'columns' | 'parameters',
            FieldPacket[]
          >;
          statement.close();
          if (parameters.length === 0) resolve(columns);
          else reject(new BackhaulError('source_syntax', 'a question mark stands for a value'));
        });
      }),
    stream: (sql, onRow) =>
      command((resolve, reject) => {
        const query = connection.query(raw(sql));
        query.on('result', (row: unknown) => onRow(row as Row));
        query.on('error', reject);
        query.on('end', () => resolve());
      }),
    pause: () => connection.pause(),
    resume: () => connection.resume(),
    drop(reason) {
      fail(reason);
      connection.destroy();
      socketOf(connection).destroy();
    },
    end() {
      if (lost === null) connection.end(() => undefined);
      lost ??= new Error('the session was ended');
    },
  };
}
