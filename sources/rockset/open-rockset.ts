import { setTimeout as sleep } from 'node:timers/promises';
import { durationMs } from '../../definitions/duration.ts';
import type { ResolvedRocksetConnection } from '../../definitions/rockset-connection.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column } from '../../vocabulary/columns.ts';
import type { Piece, Place } from '../../vocabulary/spool.ts';
import { MAX_VALUE_BYTES } from '../../vocabulary/spool.ts';
import { stopwatch } from '../../vocabulary/stopwatch.ts';
import { chooseColumns, requireOwnNames } from '../choose-columns.ts';
import type { ResolvedModel, Source, SourceContext } from '../source.ts';
import { spoolLine } from '../spool-line.ts';
import { rocksetClient, type Document } from './client.ts';
import { canonicalText, columnsOf } from './columns.ts';
import { selectOf } from './select-only.ts';

/** So many documents the columns are known by, where Rockset does not tell them. */
const SAMPLE_DOCUMENTS = 100;
/** A query that may still be cancelled: its id comes no later than this. */
const ANSWER_WITHIN_MS = 2_000;
const FIRST_POLL_MS = 100;
const LAST_POLL_MS = 2_000;
/** Beyond its own timeout the service is not waited for. */
const GRACE_MS = 60_000;

/** Where a read is: `cursor` of its next page, '' for the first. */
interface RocksetPlace {
  queryId: string;
  cursor: string;
  columns: Column[];
}

/** Rockset, or what speaks its REST API: asynchronous queries whose results are kept and read by page. */
export function openRockset(
  name: string,
  connection: ResolvedRocksetConnection,
  { signal }: SourceContext,
): Source {
  const closing = new AbortController();
  const client = rocksetClient(name, connection, AbortSignal.any([signal, closing.signal]));
  const timeoutMs = durationMs(connection.statementTimeout);
  const running = new Set<string>();
  const cancelling = new Set<Promise<void>>();
  const cancel = (queryId: string): void => {
    if (running.delete(queryId)) cancelling.add(client.cancel(queryId));
  };
  const onAbort = (): void => {
    for (const queryId of [...running]) cancel(queryId);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const stopped = (): BackhaulError => new BackhaulError('run_cancelled', `connection ${name}`);
  const translate = (error: unknown): unknown => (signal.aborted ? stopped() : error);

  const submit = async (sql: string, answerWithinMs: number, rows?: number) => {
    if (signal.aborted) throw stopped();
    const answer = await client.submit(sql, {
      timeoutMs,
      answerWithinMs: Math.min(answerWithinMs, timeoutMs),
      ...(rows !== undefined && { rows }),
    });
    if (answer.results === null) running.add(answer.queryId);
    if (!signal.aborted) return answer;
    cancel(answer.queryId);
    throw stopped();
  };
  /** The cursor of the first page, once there is one. */
  const completion = async (queryId: string): Promise<string> => {
    const elapsed = stopwatch();
    for (
      let pause = FIRST_POLL_MS;
      elapsed() < timeoutMs + GRACE_MS;
      pause = Math.min(2 * pause, LAST_POLL_MS)
    ) {
      const cursor = await client.firstCursor(queryId);
      if (cursor !== null) {
        running.delete(queryId);
        return cursor;
      }
      await sleep(pause, undefined, { signal: AbortSignal.any([signal, closing.signal]) });
    }
    cancel(queryId);
    throw new BackhaulError('source_timeout', `connection ${name}`);
  };
  /** The first documents, and the columns that they and Rockset tell of. */
  const sample = async (model: ResolvedModel, rows: number) => {
    const sql = selectOf(model);
    let submitted: string | null = null;
    try {
      const wanted = Math.max(rows, SAMPLE_DOCUMENTS);
      const { fields, queryId, results } = await submit(sql, ANSWER_WITHIN_MS, wanted);
      submitted = queryId;
      const documents = results ?? (await client.page(queryId, await completion(queryId))).documents;
      const columns = columnsOf(fields, documents.slice(0, SAMPLE_DOCUMENTS));
      requireOwnNames(
        model.name,
        columns.map((column) => column.name),
      );
      return { columns, documents: documents.slice(0, rows) };
    } catch (error) {
      if (submitted !== null) cancel(submitted);
      throw translate(error);
    }
  };

  async function* pieces(place: RocksetPlace, maxValueBytes: number): AsyncGenerator<Piece> {
    const { columns, queryId } = place;
    try {
      yield { place: { ...place } };
      const first = await completion(queryId);
      for (let cursor = place.cursor === '' ? first : place.cursor; ;) {
        const { documents, next } = await client.page(queryId, cursor);
        yield Buffer.from(documents.map((one) => spoolLine(rowOf(one, columns), maxValueBytes)).join(''));
        if (next === null) return;
        yield { place: { queryId, cursor: next, columns } satisfies RocksetPlace };
        cursor = next;
      }
    } catch (error) {
      throw translate(error);
    }
  }

  return {
    async validate(model) {
      await sample(model ?? { name: 'none', sql: 'select 1 as one' }, 1);
      return { warnings: [] };
    },
    describe: async (model) => (await sample(model, 1)).columns,
    async preview(model, limit) {
      const { columns, documents } = await sample(model, Math.trunc(limit));
      return {
        columns,
        rows: documents.map((document) =>
          rowOf(document, columns).map((text) => text?.slice(0, MAX_VALUE_BYTES + 1) ?? null),
        ),
      };
    },
    async read(model, names, { from, maxValueBytes }) {
      const place = from === null ? await begin(model, names) : placeOf(from);
      if (from !== null) running.add(place.queryId);
      return { columns: place.columns, pieces: pieces(place, maxValueBytes) };
    },
    async release(place) {
      await client.cancel(placeOf(place).queryId);
    },
    async close() {
      signal.removeEventListener('abort', onAbort);
      closing.abort();
      await Promise.all(cancelling);
      await client.close();
    },
  };

  async function begin(model: ResolvedModel, names: readonly string[]): Promise<RocksetPlace> {
    const { columns } = await sample(model, 1);
    const chosen = chooseColumns(model.name, columns, names).map(({ column }) => column);
    try {
      const { queryId } = await submit(selectOf(model), 0);
      return { queryId, cursor: '', columns: chosen };
    } catch (error) {
      throw translate(error);
    }
  }
}

const rowOf = (document: Document, columns: readonly Column[]): (string | null)[] =>
  columns.map((column) =>
    canonicalText(Object.hasOwn(document, column.name) ? document[column.name] : null, column),
  );

function placeOf(place: Place): RocksetPlace {
  const { columns, cursor, queryId } = place;
  if (typeof queryId !== 'string' || typeof cursor !== 'string' || !Array.isArray(columns)) {
    throw new BackhaulError('source_result_expired', 'the place is not one of Rockset');
  }
  return { queryId, cursor, columns: columns as Column[] };
}
