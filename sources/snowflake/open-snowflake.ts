import { setTimeout as sleep } from 'node:timers/promises';
import { EnvHttpProxyAgent } from 'undici';
import type { ResolvedSnowflakeConnection } from '../../definitions/snowflake-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { MAX_VALUE_BYTES, SPOOL_NULL, unescapeSpool, type Place } from '../../vocabulary/spool.ts';
import { chooseColumns, requireOwnNames } from '../choose-columns.ts';
import type { Reading, ResolvedModel, Source, SourceContext } from '../source.ts';
import { clockIsWrong } from './clock.ts';
import { columnsOf, selected, type RowType, type SnowflakeColumn } from './columns.ts';
import { accessUrl } from './connect-options.ts';
import { numberOf, snowflakeError, type Wrapped } from './errors.ts';
import { keptResult, NoResult, type KeptResult } from './kept-result.ts';
import { readResult, type ResultPlace } from './read-result.ts';
import { selectOf } from './select-only.ts';
import { openSession, type Session } from './session.ts';
import { quoteText } from './settings.ts';
import { requireDatabase, requireWarehouse, writeWarnings } from './warehouse.ts';

const SESSION_OVER = 'source_token_expired';
const NO_WAREHOUSE = '000606';
const KEY_PAIR_REFUSED = '390144';
const CLOSE_PATIENCE_MS = 60_000;

/**
 * Snowflake, read by an asynchronous query whose result every worker can open again by its id. The client logs in, compiles and starts;
 * the result is read from its own JSON, since the client would make numbers and dates of it.
 */
export function openSnowflake(
  name: string,
  connection: ResolvedSnowflakeConnection,
  { allowedEndpoints, signal }: SourceContext,
): Source {
  const url = accessUrl(name, connection, allowedEndpoints);
  const dispatcher = new EnvHttpProxyAgent();
  const unfinished = new Set<string>();
  const cancelling = new Set<Promise<void>>();
  let opening: Promise<Session> | null = null;

  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${name}`);
  const translate = async (error: unknown, wrapped?: Wrapped): Promise<BackhaulError> => {
    if (signal.aborted) return stopped();
    if (numberOf(error) === KEY_PAIR_REFUSED && (await clockIsWrong(url, dispatcher))) {
      return new BackhaulError('source_clock_skew', `connection ${name}, ${KEY_PAIR_REFUSED}`);
    }
    if (numberOf(error) === NO_WAREHOUSE) {
      const session = await opening;
      const why = session === null ? null : await whyNoWarehouse(session);
      if (why !== null) return why;
    }
    return snowflakeError(name, error, wrapped);
  };
  const whyNoWarehouse = async (session: Session): Promise<BackhaulError | null> => {
    try {
      await requireWarehouse(name, connection, session);
      return null;
    } catch (error) {
      return error instanceof BackhaulError ? error : null;
    }
  };
  /** Ends with `run_cancelled` as soon as nobody wants it; what it waits for then ends unheard. */
  const unlessStopped = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = (): void => reject(stopped());
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  const opened = (): Promise<Session> => {
    opening ??= openSession(name, connection, url);
    opening.catch(() => (opening = null));
    return unlessStopped(opening);
  };
  const withSession = async <T>(work: (session: Session) => Promise<T>, wrapped?: Wrapped): Promise<T> => {
    try {
      return await unlessStopped(work(await opened()));
    } catch (error) {
      throw await translate(error, wrapped);
    }
  };
  const describe = async (model: ResolvedModel): Promise<{ columns: SnowflakeColumn[]; sql: string }> => {
    const sql = selectOf(model);
    const rowtype = await withSession(
      (session) => session.describe(inParentheses('*', sql)),
      wrapping(model),
    );
    requireOwnNames(
      model.name,
      rowtype.map((row) => row.name),
    );
    return { columns: columnsOf(model.name, rowtype), sql };
  };
  const cancel = async (queryId: string): Promise<void> => {
    const session = await opening;
    const tell = () => session?.run(`select system$cancel_query(${quoteText(queryId)})`);
    // Its session may have run out while the result was read.
    await tell()
      ?.catch(() => session?.renew().then(tell))
      .catch(() => undefined);
    unfinished.delete(queryId);
  };
  /** Also when the run is cancelled before Snowflake has said the id. */
  const submit = (model: ResolvedModel, sql: string): Promise<string> =>
    withSession((session) => {
      const submitting = session.submit(sql);
      const started = submitting.then((id) => {
        unfinished.add(id);
        if (signal.aborted) return cancel(id);
        const onAbort = (): void => {
          if (unfinished.has(id)) track(cancel(id));
        };
        signal.addEventListener('abort', onAbort, { once: true });
        return undefined;
      });
      track(started.then(undefined, () => undefined));
      return started.then(() => submitting);
    }, wrapping(model));
  const track = (work: Promise<void>): void => {
    cancelling.add(work);
    void work.finally(() => cancelling.delete(work));
  };
  const openResult = async (queryId: string): Promise<KeptResult> => {
    const withToken = <T>(ask: (token: string) => Promise<T>): Promise<T> =>
      withSessionRenewed((session) => ask(session.token()));
    const result = await keptResult(queryId, { url, dispatcher, signal, withToken });
    unfinished.delete(queryId);
    return result;
  };
  /** A token that has run out is replaced once. */
  const withSessionRenewed = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await opened();
    try {
      return await unlessStopped(work(session));
    } catch (error) {
      if (snowflakeError(name, error).code !== SESSION_OVER) throw error;
      await unlessStopped(session.renew());
      return await unlessStopped(work(session));
    }
  };
  const piecesOf = (
    model: ResolvedModel,
    from: ResultPlace,
    columns: SnowflakeColumn[],
    maxValueBytes: number,
    first?: KeptResult,
  ) => {
    let ready = first;
    return readResult({
      from,
      columns,
      maxValueBytes,
      signal,
      open: () => {
        const result = ready === undefined ? openResult(from.queryId) : Promise.resolve(ready);
        ready = undefined;
        return result;
      },
      translate: (error) => translate(error, wrapping(model)),
    });
  };

  return {
    async validate(model) {
      const warnings = await withSession(async (session) => {
        await requireWarehouse(name, connection, session);
        await requireDatabase(name, connection, session);
        return writeWarnings(name, session);
      });
      if (model !== null) await describe(model);
      return { warnings };
    },
    describe: async (model) => (await describe(model)).columns.map(asColumn),
    async preview(model, limit) {
      const { columns, sql } = await describe(model);
      const list = columns.map((column) => selected(column, MAX_VALUE_BYTES)).join(', ');
      const queryId = await submit(model, `${inParentheses(list, sql)} limit ${Math.trunc(limit)}`);
      const texts: Buffer[] = [];
      for await (const piece of piecesOf(model, beginning(queryId, columns), columns, MAX_VALUE_BYTES)) {
        if (!('place' in piece)) texts.push(piece);
      }
      const lines = Buffer.concat(texts).toString('utf8').split('\n').slice(0, -1);
      const rows = lines.map((line) =>
        line.split('\t').map((text) => (text === SPOOL_NULL ? null : unescapeSpool(text))),
      );
      return { columns: columns.map(asColumn), rows };
    },
    async read(model, names, { from, maxValueBytes }): Promise<Reading> {
      if (from !== null) {
        const place = placeOf(from);
        const columns = columnsOf(model.name, place.rowtype);
        try {
          const result = await openResult(place.queryId);
          return {
            columns: columns.map(asColumn),
            pieces: piecesOf(model, place, columns, maxValueBytes, result),
          };
        } catch (error) {
          const failure = await translate(error, wrapping(model));
          // Asked again, a query that failed says for ever why. What may pass by itself wants a new one.
          if (error instanceof NoResult && failure.entry.retryable && failure.code !== SESSION_OVER) {
            throw new BackhaulError('source_result_expired', failure.where, { cause: failure });
          }
          throw failure;
        }
      }
      const described = await describe(model);
      const columns = chooseColumns(model.name, described.columns, names).map(({ column }) => column);
      const list = columns.map((column) => selected(column, maxValueBytes)).join(', ');
      const queryId = await submit(model, inParentheses(list, described.sql));
      return {
        columns: columns.map(asColumn),
        pieces: piecesOf(model, beginning(queryId, columns), columns, maxValueBytes),
      };
    },
    /** A result cannot be given back: Snowflake keeps it for its 24 hours, and asks no money for it. */
    release: (place) => withSession(() => cancel(placeOf(place).queryId)).catch(() => undefined),
    async close() {
      await Promise.race([Promise.all(cancelling), sleep(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
      const session = await opening?.catch(() => null);
      await session?.end(unfinished.size > 0);
      await dispatcher.destroy();
    },
  };
}

const asColumn = ({ name, kind, sourceType }: SnowflakeColumn) => ({ name, kind, sourceType });

const inParentheses = (list: string, sql: string): string => `select ${list} from (\n${sql}\n) as model`;
const wrapping = (model: ResolvedModel): Wrapped => ({ model: model.name, linesBefore: 1 });

const beginning = (queryId: string, columns: readonly SnowflakeColumn[]): ResultPlace => ({
  queryId,
  row: 0,
  rowtype: columns.map(({ rowType }) => rowType),
});

function placeOf({ queryId, row, rowtype }: Place): ResultPlace {
  if (typeof queryId === 'string' && typeof row === 'number' && Array.isArray(rowtype)) {
    return { queryId, row, rowtype: rowtype as RowType[] };
  }
  throw new BackhaulError('source_result_expired', 'a place of another source');
}
