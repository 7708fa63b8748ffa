import type pg from 'pg';
import type { ResolvedRedshiftConnection } from '../../definitions/redshift-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { MAX_VALUE_BYTES, type Piece } from '../../vocabulary/spool.ts';
import { chooseColumns, requireOwnNames } from '../choose-columns.ts';
import type { Wrapped } from '../postgres/errors.ts';
import { keepSessions } from '../postgres/sessions.ts';
import type { ReadOptions, Reading, ResolvedModel, Source, SourceContext } from '../source.ts';
import { awsError } from './aws-errors.ts';
import { awsSettings, requireOwnHost } from './aws.ts';
import { columnOf, finishOf, type RedshiftColumn } from './columns.ts';
import { BEGIN, declaring, DEFAULT_FETCH_ROWS, fetchLimit, readByCursor } from './cursor.ts';
import { sessionError } from './errors.ts';
import { iamLogins } from './iam-password.ts';
import { oneSelectOf } from './one-select.ts';
import { asColumn, describeQuery, selectQuery } from './query.ts';
import { ask, hostOf, openRedshiftSession } from './session.ts';
import { endUnload, newFolder, readUnloaded, runUnload, unloadPlaceOf, unloadStatement } from './unload.ts';
import { unloadedFiles } from './unloaded-files.ts';
import { duringLook, WRITABLE, writeWarnings } from './write-warnings.ts';

/** Redshift over PostgreSQL's protocol: rows by a cursor, or by way of files in S3. */
export function openBySession(
  name: string,
  connection: ResolvedRedshiftConnection,
  { allowedEndpoints, signal }: SourceContext,
): Source {
  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${name}`);
  const translate = (error: unknown, wrapped?: Wrapped): BackhaulError =>
    signal.aborted ? stopped() : sessionError(name, error, wrapped);
  const login =
    connection.auth === 'iam'
      ? iamLogins(name, connection, () => {
          requireOwnHost(name, hostOf(connection), allowedEndpoints);
          return awsSettings(name, connection, 'redshiftEndpoint', allowedEndpoints);
        })
      : null;
  const sessions = keepSessions({
    connect: () => openRedshiftSession(connection, login),
    signal,
    stopped,
    translate,
  });
  const { region, unloadRole = '', unloadTo = '' } = connection;
  const files =
    connection.read === 'unload'
      ? unloadedFiles({
          settings: {
            ...awsSettings(name, connection, 's3Endpoint', allowedEndpoints),
            forcePathStyle: connection.s3Endpoint !== undefined,
          },
          unloadTo,
          signal,
          translate: (action, error) => {
            const fixedKeys = connection.accessKeyId !== undefined;
            return signal.aborted ? stopped() : awsError({ connection: name, action, fixedKeys }, error);
          },
        })
      : null;

  const describeIn = async (
    session: pg.Client,
    model: ResolvedModel,
  ): Promise<{ columns: RedshiftColumn[]; sql: string }> => {
    const sql = await oneSelectOf(model);
    const query = describeQuery(model.name, sql);
    try {
      const { fields } = await ask(session, query.text);
      requireOwnNames(
        model.name,
        fields.map((field) => field.name),
      );
      const columns = fields.map(({ dataTypeID, dataTypeModifier, name: column }) =>
        // The modifier of a varchar(n) is n and four bytes of a header.
        columnOf(model.name, {
          name: column,
          type: dataTypeID,
          length: dataTypeModifier > 4 ? dataTypeModifier - 4 : null,
        }),
      );
      return { columns, sql };
    } catch (error) {
      throw translate(error, query.wrapped);
    }
  };
  /** In a read-only transaction: what a function of the database would write, the server refuses. */
  const reading = <T>(work: (session: pg.Client) => Promise<T>): Promise<T> =>
    sessions.with(async (session) => {
      await begin(session);
      return work(session);
    });
  const begin = async (session: pg.Client): Promise<void> => {
    try {
      await session.query(BEGIN);
    } catch (error) {
      throw translate(error);
    }
  };

  /** Takes the session over: it is ended with the iteration. */
  async function* cursorPieces(
    session: pg.Client,
    query: ReturnType<typeof selectQuery>,
    columns: readonly RedshiftColumn[],
    maxRows: number,
  ): AsyncGenerator<Piece> {
    try {
      yield* readByCursor(session, query, columns, maxRows);
    } catch (error) {
      throw translate(error, declaring(query).wrapped);
    } finally {
      await sessions.end(session);
    }
  }

  async function readCursor(model: ResolvedModel, names: readonly string[], options: ReadOptions) {
    const session = await sessions.open();
    try {
      const maxRows = await fetchLimit(session, connection.fetchRows ?? DEFAULT_FETCH_ROWS).catch(
        (error: unknown) => {
          throw translate(error);
        },
      );
      await begin(session);
      const described = await describeIn(session, model);
      const columns = chooseColumns(model.name, described.columns, names).map(({ column }) => column);
      const query = selectQuery(model.name, described.sql, columns, {
        maxBytes: options.maxValueBytes,
        marked: false,
      });
      return { columns: columns.map(asColumn), pieces: cursorPieces(session, query, columns, maxRows) };
    } catch (error) {
      await sessions.end(session);
      throw error;
    }
  }

  /** Folders whose UNLOAD is known to have ended. */
  const ended = new Set<string>();
  /** An UNLOAD that cannot be ended ends by its timeout; its files are removed in any case. */
  async function clear(into: NonNullable<typeof files>, folder: string): Promise<void> {
    if (!ended.has(folder))
      await sessions.with((session) => endUnload(session, folder)).catch(() => undefined);
    await into.remove(folder);
  }

  async function readUnload(
    into: NonNullable<typeof files>,
    model: ResolvedModel,
    names: readonly string[],
    { from, id, maxValueBytes }: ReadOptions,
  ): Promise<Reading> {
    const where = `connection ${name}, model ${model.name}`;
    const place = from === null ? null : unloadPlaceOf(from, unloadTo);
    if (from !== null && place === null) {
      throw new BackhaulError('source_result_expired', `${where}, files are kept elsewhere now`);
    }
    const described = await reading((session) => describeIn(session, model));
    const columns = chooseColumns(model.name, described.columns, names).map(({ column }) => column);
    const query = selectQuery(model.name, described.sql, columns, { maxBytes: maxValueBytes, marked: true });
    const folder = newFolder(unloadTo, id);
    const unload = (): Promise<number> =>
      sessions.with(async (session) => {
        try {
          const rows = await runUnload(session, unloadStatement(query, folder, unloadRole, region));
          ended.add(folder);
          return rows;
        } catch (error) {
          throw translate(error);
        }
      });
    const pieces = readUnloaded({
      files: into,
      from: place,
      folder,
      columns,
      unload,
      clear: (left) => clear(into, left),
      where,
    });
    return { columns: columns.map(asColumn), pieces };
  }

  return {
    validate: (model) =>
      reading(async (session) => {
        await files?.check();
        if (model !== null) await describeIn(session, model);
        try {
          const { rows } = await ask(session, WRITABLE);
          return { warnings: writeWarnings(name, rows[0]) };
        } catch (error) {
          throw duringLook(translate(error));
        }
      }),
    describe: (model) => reading(async (session) => (await describeIn(session, model)).columns.map(asColumn)),
    preview: (model, limit) =>
      reading(async (session) => {
        const { columns, sql } = await describeIn(session, model);
        const query = selectQuery(model.name, sql, columns, {
          maxBytes: MAX_VALUE_BYTES,
          marked: false,
          limit,
        });
        const finish = columns.map((column) => finishOf(column) ?? ((text: string) => text));
        try {
          const { rows } = await ask(session, query.text);
          return {
            columns: columns.map(asColumn),
            rows: rows.map((row) => finish.map((end, at) => (row[at] === null ? null : end(row[at] ?? '')))),
          };
        } catch (error) {
          throw translate(error, query.wrapped);
        }
      }),
    read: (model, names, options) =>
      files === null ? readCursor(model, names, options) : readUnload(files, model, names, options),
    ...(files !== null && {
      release: async (place) => {
        const named = unloadPlaceOf(place, unloadTo);
        if (named === null) return;
        await (named.files > 0 ? files.remove(named.folder) : clear(files, named.folder));
      },
    }),
    close: async () => {
      await sessions.close();
      files?.close();
    },
  };
}
