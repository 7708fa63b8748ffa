import type pg from 'pg';
import type { ResolvedPostgresConnection } from '../../definitions/postgres-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import { chooseColumns, requireOwnNames } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { canonical, columnsOf, type PostgresColumn } from './columns.ts';
import { copyOut } from './copy-out.ts';
import { postgresError, type Wrapped } from './errors.ts';
import { selectOf } from './select-only.ts';
import { openSession } from './session.ts';
import { keepSessions } from './sessions.ts';
import { writeWarnings } from './write-warnings.ts';

const COPY = 'copy (';
/** Values as the server writes them: pg would make numbers and dates of them. */
const AS_TEXT: pg.CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/** PostgreSQL, read by COPY out of one read-only transaction. */
export function openPostgres(
  name: string,
  connection: ResolvedPostgresConnection,
  { signal }: SourceContext,
): Source {
  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${name}`);
  const translate = (error: unknown, wrapped?: Wrapped): BackhaulError =>
    signal.aborted ? stopped() : postgresError(name, error, wrapped);
  const sessions = keepSessions({ connect: () => openSession(connection), signal, stopped, translate });
  const describeIn = async (
    session: pg.Client,
    model: ResolvedModel,
  ): Promise<{ columns: PostgresColumn[]; sql: string }> => {
    const sql = await selectOf(model);
    const before = 'select * from (\n';
    try {
      const { fields } = await session.query(`${before}${sql}\n) as model limit 0`);
      requireOwnNames(
        model.name,
        fields.map((field) => field.name),
      );
      return { columns: await columnsOf(session, fields), sql };
    } catch (error) {
      throw translate(error, { model: model.name, sql, before: before.length });
    }
  };

  return {
    validate: (model) =>
      sessions.with(async (session) => {
        if (model !== null) await describeIn(session, model);
        // That it can write is what such a connection is for.
        return { warnings: connection.writable === true ? [] : await writeWarnings(name, session) };
      }),
    describe: (model) =>
      sessions.with(async (session) => (await describeIn(session, model)).columns.map(asColumn)),
    preview: (model, limit) =>
      sessions.with(async (session) => {
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
          throw translate(error, query.wrapped);
        }
      }),
    async read(model, names, { maxValueBytes }) {
      const session = await sessions.open();
      try {
        const described = await describeIn(session, model);
        const columns = chooseColumns(model.name, described.columns, names).map(({ column }) => column);
        const query = selectCanonical(columns, described.sql, maxValueBytes, model.name);
        const pieces = copyOut(session, `${COPY}${query.text}) to stdout`, {
          signal,
          stopped,
          translate: (error) =>
            translate(error, { ...query.wrapped, before: COPY.length + query.wrapped.before }),
          close: () => sessions.end(session),
        });
        return { columns: columns.map(asColumn), pieces };
      } catch (error) {
        await sessions.end(session);
        throw error;
      }
    },
    close: sessions.close,
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
