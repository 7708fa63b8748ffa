import type pg from 'pg';
import type { ResolvedPostgresConnection } from '../../definitions/references.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { ResolvedModel, Source } from '../source.ts';
import { canonical, columnsOf, type PostgresColumn } from './columns.ts';
import { copyOut } from './copy-out.ts';
import { postgresError, type Wrapped } from './errors.ts';
import { selectOf } from './select-only.ts';
import { openSession } from './session.ts';
import { writeWarnings } from './write-warnings.ts';

const COPY = 'copy (';
/** Values as the server writes them: pg would make numbers and dates of them. */
const AS_TEXT: pg.CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/** PostgreSQL, read by COPY out of one read-only transaction. */
export function openPostgres(name: string, connection: ResolvedPostgresConnection): Source {
  const opened = new Set<pg.Client>();
  const withSession = async <T>(work: (session: pg.Client) => Promise<T>): Promise<T> => {
    const session = await open();
    try {
      return await work(session);
    } finally {
      await end(session);
    }
  };
  const open = async (): Promise<pg.Client> => {
    try {
      const session = await openSession(connection);
      opened.add(session);
      return session;
    } catch (error) {
      throw postgresError(name, error);
    }
  };
  const end = async (session: pg.Client): Promise<void> => {
    opened.delete(session);
    await session.end().catch(() => undefined);
  };
  const describeIn = async (
    session: pg.Client,
    model: ResolvedModel,
  ): Promise<{ columns: PostgresColumn[]; sql: string }> => {
    const sql = await selectOf(model);
    const before = 'select * from (\n';
    try {
      const { fields } = await session.query(`${before}${sql}\n) as model limit 0`);
      refuseDuplicates(
        model.name,
        fields.map((field) => field.name),
      );
      return { columns: await columnsOf(session, fields), sql };
    } catch (error) {
      throw postgresError(name, error, { model: model.name, sql, before: before.length });
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
        const query = selectCanonical(columns, sql, MAX_VALUE_BYTES, model.name);
        try {
          const { rows } = await session.query<(string | null)[]>({
            text: `${query.text} limit ${Math.trunc(limit)}`,
            rowMode: 'array',
            types: AS_TEXT,
          });
          return { columns: columns.map(asColumn), rows };
        } catch (error) {
          throw postgresError(name, error, query.wrapped);
        }
      }),
    async read(model, names, { maxValueBytes, signal }) {
      const session = await open();
      try {
        const described = await describeIn(session, model);
        const columns = names.map((wanted) => {
          const column = described.columns.find((known) => known.name === wanted);
          if (column === undefined)
            throw new BackhaulError('column_missing', `model ${model.name}, column "${wanted}"`);
          return column;
        });
        const query = selectCanonical(columns, described.sql, maxValueBytes, model.name);
        const spool = copyOut(session, `${COPY}${query.text}) to stdout`, {
          signal,
          model: model.name,
          translate: (error) =>
            postgresError(name, error, { ...query.wrapped, before: COPY.length + query.wrapped.before }),
          cancel: (pid) => withSession((other) => other.query('select pg_cancel_backend($1)', [pid])),
          close: () => end(session),
        });
        return { columns: columns.map(asColumn), spool };
      } catch (error) {
        await end(session);
        throw error;
      }
    },
    async close() {
      await Promise.all([...opened].map(end));
    },
  };
}

const asColumn = ({ name, kind, sourceType }: PostgresColumn) => ({ name, kind, sourceType });

function selectCanonical(
  columns: readonly PostgresColumn[],
  sql: string,
  maxBytes: number,
  model: string,
): { text: string; wrapped: Wrapped } {
  const before = `select ${columns.map((column) => canonical(column, maxBytes)).join(', ')} from (\n`;
  return { text: `${before}${sql}\n) as model`, wrapped: { model, sql, before: before.length } };
}

function refuseDuplicates(model: string, names: readonly string[]): void {
  const twice = names.find((name, position) => names.indexOf(name) !== position);
  if (twice !== undefined) throw new BackhaulError('duplicate_column', `model ${model}, column "${twice}"`);
}
