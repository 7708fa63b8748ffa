import { setTimeout as sleep } from 'node:timers/promises';
import type { ResolvedMysqlConnection } from '../../definitions/mysql-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import { chooseColumns, requireOwnNames } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { addressOf } from './address.ts';
import { canonical, columnOf, finish, type MysqlColumn } from './columns.ts';
import { mysqlError, type Wrapped } from './errors.ts';
import { rowsOut } from './rows-out.ts';
import { selectOf } from './select-only.ts';
import { openPlainSession, openSession, type Session } from './session.ts';
import { writeWarnings } from './write-warnings.ts';

/** So long ending a query at the server may take before its connection is just closed. */
const KILL_TIMEOUT_MS = 10_000;

/** MySQL or MariaDB, read by one streamed SELECT of a read-only transaction. */
export function openMysql(
  name: string,
  connection: ResolvedMysqlConnection,
  { signal }: SourceContext,
): Source {
  /** With what takes the session's ear off the signal. */
  const opened = new Map<Session, () => void>();
  const ending = new Set<Promise<void>>();
  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${name}`);
  const translate = (error: unknown, context?: { account?: string; wrapped?: Wrapped }): BackhaulError =>
    signal.aborted ? stopped() : mysqlError(name, error, context);

  const open = async (): Promise<Session> => {
    try {
      if (signal.aborted) throw stopped();
      const session = await openSession(addressOf(name, connection), connection, signal);
      const onAbort = (): void => kill(session);
      signal.addEventListener('abort', onAbort, { once: true });
      opened.set(session, () => signal.removeEventListener('abort', onAbort));
      if (signal.aborted) onAbort();
      return session;
    } catch (error) {
      throw translate(error);
    }
  };
  const forget = (session: Session): boolean => {
    opened.get(session)?.();
    return opened.delete(session);
  };
  const end = (session: Session): void => {
    if (forget(session)) session.end();
  };
  /** From another session: a server does not look at a socket before it has a row to write. */
  const kill = (session: Session): void => {
    if (!forget(session)) return;
    const killed = (async () => {
      const other = await openPlainSession(addressOf(name, connection), session.peer);
      // It may have ended by itself.
      await other.rows(`kill ${session.id}`).catch(() => undefined);
      other.end();
    })().catch(() => undefined);
    const done = Promise.race([killed, sleep(KILL_TIMEOUT_MS, undefined, { ref: false })]).then(() => {
      session.drop(
        signal.aborted ? stopped() : new BackhaulError('source_interrupted', `connection ${name}`),
      );
      ending.delete(done);
    });
    ending.add(done);
  };
  const withSession = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await open();
    try {
      return await work(session);
    } catch (error) {
      throw translate(error, session);
    } finally {
      end(session);
    }
  };
  const describeIn = async (
    session: Session,
    model: ResolvedModel,
  ): Promise<{ columns: MysqlColumn[]; sql: string }> => {
    const sql = selectOf(model);
    const wrapped = wrap('select * from', sql, model.name);
    try {
      const columns = (await session.fields(wrapped.statement)).map(columnOf);
      requireOwnNames(
        model.name,
        columns.map((column) => column.name),
      );
      return { columns, sql };
    } catch (error) {
      throw translate(error, { account: session.account, wrapped });
    }
  };

  return {
    validate: (model) =>
      withSession(async (session) => {
        if (model !== null) await describeIn(session, model);
        return { warnings: await writeWarnings(name, session) };
      }),
    describe: (model) =>
      withSession(async (session) => (await describeIn(session, model)).columns.map(asColumn)),
    preview: (model, limit) =>
      withSession(async (session) => {
        const { columns, sql } = await describeIn(session, model);
        const wrapped = selectCanonical(columns, sql, MAX_VALUE_BYTES, model.name, Math.trunc(limit));
        try {
          const finishes = columns.map(finish);
          const rows = (await session.rows(wrapped.statement)).map((row) =>
            row.map((value, position) =>
              value === null ? null : (finishes[position]?.(value) ?? value).toString('utf8'),
            ),
          );
          return { columns: columns.map(asColumn), rows };
        } catch (error) {
          throw translate(error, { account: session.account, wrapped });
        }
      }),
    async read(model, names, { maxValueBytes }) {
      const session = await open();
      try {
        const described = await describeIn(session, model);
        const columns = chooseColumns(model.name, described.columns, names).map(({ column }) => column);
        const wrapped = selectCanonical(columns, described.sql, maxValueBytes, model.name);
        return { columns: columns.map(asColumn), pieces: pieces(session, columns, wrapped) };
      } catch (error) {
        end(session);
        throw translate(error, session);
      }
    },
    async close() {
      for (const session of [...opened.keys()]) kill(session);
      await Promise.all(ending);
    },
  };

  async function* pieces(
    session: Session,
    columns: readonly MysqlColumn[],
    wrapped: Wrapped,
  ): AsyncGenerator<Buffer> {
    try {
      yield* rowsOut(session, wrapped.statement, columns.map(finish));
      end(session);
    } catch (error) {
      end(session);
      throw translate(error, { account: session.account, wrapped });
    } finally {
      // Only a session whose rows were not all taken is still there.
      kill(session);
    }
  }
}

const asColumn = ({ name, kind, sourceType }: MysqlColumn) => ({ name, kind, sourceType });

function selectCanonical(
  columns: readonly MysqlColumn[],
  sql: string,
  maxBytes: number,
  model: string,
  limit?: number,
): Wrapped {
  const selected = columns.map((column) => canonical(column, maxBytes)).join(', ');
  return wrap(`select ${selected} from`, sql, model, limit === undefined ? '' : ` limit ${limit}`);
}

function wrap(head: string, sql: string, model: string, tail = ''): Wrapped {
  const before = `${head} (\n`;
  return { model, sql, statement: `${before}${sql}\n) as model${tail}`, before: before.length };
}
